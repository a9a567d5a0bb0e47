import fs from 'node:fs'

/** Ports by which the operator comes in, and how that is known. */
export type Administration = { ports: number[]; from: string[] }

/**
 * Finds the administration's SSH ports without asking anybody: the session that runs us (`SSH_CONNECTION`; sudo takes it
 * away), sshd's configuration (sshd_config(5), `Port` and `ListenAddress`), and where sshd listens right now, which `listening`
 * tells: configuration may come from elsewhere, and have changed since.
 */
export function administrationPorts(
  env: Readonly<Record<string, string | undefined>>,
  read: (path: string) => string | undefined = readText,
  listening: (program: string) => number[] = () => [],
): Administration {
  const ports = new Set<number>()
  const from: string[] = []
  const add = (port: number, source: string): void => {
    if (!(port > 0 && port < 65_536) || ports.has(port)) return
    ports.add(port)
    from.push(`${port} (${source})`)
  }
  const own = /^\S+ \d+ \S+ (\d+)$/.exec(env.SSH_CONNECTION ?? '')
  if (own) add(Number(own[1]), 'the session you are in')
  for (const file of ['/etc/ssh/sshd_config', ...configurationParts(read)]) {
    const text = read(file) ?? ''
    for (const [, port] of text.matchAll(/^[ \t]*Port[ \t=]+"?(\d{1,5})\b/gim)) add(Number(port), file)
    // `host:port` and `[address]:port`; an IPv6 address alone has no port.
    for (const [, port] of text.matchAll(/^[ \t]*ListenAddress[ \t=]+(?:[^\s:[]+|\[[^\]\s]*\]):(\d{1,5})\b/gim))
      add(Number(port), file)
  }
  for (const program of ['sshd', 'dropbear'])
    for (const port of listening(program)) add(port, `${program} listens there`)
  // sshd listens on 22 where nothing says otherwise.
  if (ports.size === 0 && read('/etc/ssh/sshd_config') !== undefined) add(22, "sshd's default")
  return { ports: [...ports].toSorted((a, b) => a - b), from }
}

const configurationParts = (read: (path: string) => string | undefined): string[] =>
  (read('/etc/ssh/sshd_config.d') ?? '')
    .split('\n')
    .filter(name => name.endsWith('.conf'))
    .map(name => `/etc/ssh/sshd_config.d/${name}`)

/** A file's text, or a directory's names on a line each; `undefined` where there is none to read. */
function readText(path: string): string | undefined {
  try {
    return fs.statSync(path).isDirectory() ? fs.readdirSync(path).join('\n') : fs.readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}
