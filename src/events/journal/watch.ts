import fs from 'node:fs'

/** Notices that a directory's files grew, came or went. */
export type Watch = {
  /**
   * Returns when something happened since the last call, when `signal` aborts, and at the latest after `pollMs`. False when
   * no file came or went as far as the kernel told.
   */
  change(pollMs: number): Promise<boolean>
  close(): void
}

/**
 * Where the kernel cannot tell (too many watches, a network file system) or the directory is not there yet, `change`
 * simply takes its time.
 */
export function watchDirectory(directory: string, signal: AbortSignal | undefined): Watch {
  let watcher: fs.FSWatcher | undefined
  let changed = true
  let renamed = true
  let wake: (() => void) | undefined
  const tell = () => {
    changed = true
    wake?.()
  }
  signal?.addEventListener('abort', tell)
  function watch() {
    try {
      watcher = fs.watch(directory, { persistent: false }, type => {
        renamed ||= type === 'rename'
        tell()
      })
      watcher.on('error', drop)
      changed = true
    } catch {
      watcher = undefined
    }
  }
  function drop() {
    watcher?.close()
    watcher = undefined
  }

  return {
    async change(pollMs) {
      if (!watcher) watch()
      if (!changed && !signal?.aborted)
        await new Promise<void>(resolve => {
          const timer = setTimeout(resolve, pollMs)
          wake = () => {
            clearTimeout(timer)
            resolve()
          }
        })
      const moved = renamed || !watcher
      wake = undefined
      changed = renamed = false
      return moved
    },
    close() {
      signal?.removeEventListener('abort', tell)
      drop()
    },
  }
}
