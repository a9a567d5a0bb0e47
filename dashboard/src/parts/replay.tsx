import { useEffect, useRef, useState } from 'preact/hooks'
import type { Told } from '../event.ts'
import { bytes, duration } from '../format.ts'
import { t } from '../i18n/index.ts'

type Player = { dispose(): void }

/** A recorded terminal session, played in place. The player is loaded when somebody wants to see one. */
export function Replay({ event }: { event: Told }) {
  const [wanted, setWanted] = useState(false)
  const [failed, setFailed] = useState(false)
  const place = useRef<HTMLDivElement>(null)
  const id = /([0-9a-f-]{36}(?:-\d+)?)\.cast/.exec(event.file?.path ?? '')?.[1]

  useEffect(() => {
    if (!wanted || !id) return
    let player: Player | undefined
    let gone = false
    const recording = fetch(`/api/v1/recordings/${id}`, { credentials: 'same-origin' }).then(response => {
      if (!response.ok) throw new Error(response.statusText)
      return response.text()
    })
    Promise.all([import('asciinema-player'), recording, import('asciinema-player/dist/bundle/asciinema-player.css')])
      .then(([{ create }, data]) => {
        if (gone || !place.current) return
        const how = { autoPlay: true, idleTimeLimit: 2, fit: 'width', terminalFontSize: 'small' } as const
        player = create({ data }, place.current, how)
      })
      .catch(() => setFailed(true))
    return () => {
      gone = true
      player?.dispose()
    }
  }, [wanted, id])

  return (
    <>
      <p class="quiet">
        {duration((event.event.duration ?? 0) / 1e6)}
        {event.file?.size !== undefined && ` · ${bytes(event.file.size)}`}
      </p>
      {failed ? (
        <p>{t().session.noRecording}</p>
      ) : wanted ? (
        <div class="replay" ref={place} />
      ) : (
        <button type="button" onClick={() => setWanted(true)}>
          {t().session.play}
        </button>
      )}
    </>
  )
}
