import fs from 'node:fs'

/** Ports by which the operator comes in, and how that is known. */
export type Administration = { ports: number[]; from: string[] }

/**
 * Finds the administration's SSH ports without asking anybody: the session that runs us (`SSH_CONNECTION`), sshd's
 * configuration, and what sshd listens on by the names of listening processes.
 */
export function administrationPorts(
  env: Readonly<Record<string, string | undefined>>,
  read: (path: string) => string | undefined = readText,
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
    for (const [, port] of (read(file) ?? '').matchAll(/^\s*Port\s+(\d+)/gim)) add(Number(port), file)
  }
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
