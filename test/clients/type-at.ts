import { spawn } from 'node:child_process'

/** Types at a program that has a terminal: each line once the screen shows what it waits for. */
export function typeAt(command: string, lines: readonly (readonly [waitFor: string, type: string])[]): Promise<string> {
  return new Promise(resolve => {
    const child = spawn('script', ['-qec', command, '/dev/null'], {
      env: { ...process.env, TERM: 'xterm', LC_ALL: 'C' },
    })
    const left = [...lines]
    let screen = ''
    let seen = 0
    child.stdout.on('data', chunk => {
      screen += chunk
      const next = left[0]
      if (!next) return
      const at = screen.indexOf(next[0], seen)
      if (at < 0) return
      seen = at + next[0].length
      left.shift()
      if (next[1] === '') child.kill()
      else child.stdin.write(next[1])
    })
    const timer = setTimeout(() => child.kill('SIGKILL'), 25_000)
    child.once('close', () => {
      clearTimeout(timer)
      resolve(screen)
    })
  })
}
