/** Of a session description (RFC 8866) what tells where and how somebody wants to be heard. */
export type Sdp = {
  /** The origin's session id and version, as text. */
  id: string
  version: string
  address: string
  /** 0: no audio. */
  port: number
  /** Payload numbers of the audio in the order of preference, and their names where one is given. */
  payloads: readonly number[]
  names: ReadonlyMap<number, string>
}

/** Beyond any that is offered; what is kept of it is a part of no longer text than this. */
const MOST_BYTES = 4096

/** `undefined` where there is no audio in it. */
export function parseSdp(body: Buffer): Sdp | undefined {
  const sdp = {
    id: '0',
    version: '0',
    address: '',
    port: 0,
    payloads: [] as number[],
    names: new Map<number, string>(),
  }
  let audio = false
  for (const line of body.toString('latin1', 0, MOST_BYTES).split(/\r?\n/)) {
    const value = line.slice(2)
    const words = value.split(' ')
    if (line.startsWith('o=')) [sdp.id, sdp.version] = [digits(words[1]), digits(words[2])]
    else if (line.startsWith('c=') && (audio || sdp.address === '')) sdp.address = (words[2] ?? '').slice(0, 64)
    else if (line.startsWith('m=')) {
      if (audio) break
      audio = words[0] === 'audio'
      if (!audio) continue
      sdp.port = Number(digits(words[1])) & 0xffff
      sdp.payloads = words.slice(3, 35).filter(isNumber).map(Number)
    } else if (audio && line.startsWith('a=rtpmap:')) {
      const [number = '', name = ''] = value.slice(7).split(' ')
      if (isNumber(number) && sdp.names.size < 32) sdp.names.set(Number(number), name.slice(0, 40))
    }
  }
  return audio ? sdp : undefined
}
const digits = (word = ''): string => (/^\d{1,20}$/.test(word) ? word : '0')
const isNumber = (word: string): boolean => /^\d{1,3}$/.test(word) && Number(word) < 128

/** Codecs that need no name of their own (RFC 3551 §6). */
const known = new Map([
  [0, 'PCMU/8000'],
  [3, 'GSM/8000'],
  [8, 'PCMA/8000'],
  [9, 'G722/8000'],
  [18, 'G729/8000'],
])

/** What both sides speak: Asterisk's `allow=ulaw,alaw,gsm,g722` and DTMF as events (RFC 4733), in the caller's order. */
export function common(sdp: Sdp): { payload: number; name: string }[] {
  return sdp.payloads.flatMap(payload => {
    const name = sdp.names.get(payload) ?? known.get(payload) ?? ''
    return /^(?:PCMU|PCMA|GSM|G722|telephone-event)\/8000/i.test(name) ? [{ payload, name }] : []
  })
}

/** All that they offered, by name: for the event. */
export const codecsOf = (sdp: Sdp): string[] =>
  sdp.payloads.slice(0, 32).map(payload => sdp.names.get(payload) ?? known.get(payload) ?? String(payload))
