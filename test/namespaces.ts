import { spawnSync } from 'node:child_process'

/** A network of machines of its own: namespaces that hang on one bridge, with addresses of both families. */
export type Network = {
  /** `10.77.0.N` and `fd77::N` of a machine, N in the order of names. */
  address(name: string, family?: 4 | 6): string
  /** The command that runs within a machine: `[...within(name), 'curl', …]`. */
  within(name: string): string[]
  /** Runs a program to its end within a machine; output as text. */
  run(
    name: string,
    command: string[],
    options?: { input?: string; timeout?: number },
  ): { status: number; stdout: string; stderr: string }
  remove(): void
}

/** Why none can be made here; `undefined`: they can. */
export function whyNoNamespaces(): string | undefined {
  if (process.getuid?.() !== 0) return 'network namespaces need root'
  const name = `skep-try-${process.pid}`
  const { status, stderr, error } = spawnSync('ip', ['netns', 'add', name], { encoding: 'utf8' })
  if (error || status !== 0) return `no network namespaces here: ${error?.message ?? stderr.trim()}`
  spawnSync('ip', ['netns', 'del', name])
  return undefined
}

/** Makes the machines; the first is also the router of the others. Throws when a step fails. */
export function createNetwork(names: readonly string[]): Network {
  const full = (name: string) => `skep-${process.pid}-${name}`
  const ip = (...args: string[]) => {
    const { status, stderr } = spawnSync('ip', args, { encoding: 'utf8' })
    if (status !== 0) throw new Error(`ip ${args.join(' ')}: ${stderr}`)
  }
  const hub = full('hub')
  const address = (name: string, family: 4 | 6 = 4): string => {
    const number = names.indexOf(name) + 1
    if (number === 0) throw new Error(`No machine ${name}`)
    return family === 4 ? `10.77.0.${number}` : `fd77::${number}`
  }
  const remove = () => {
    for (const name of [hub, ...names.map(full)]) spawnSync('ip', ['netns', 'del', name])
  }
  try {
    ip('netns', 'add', hub)
    ip('-n', hub, 'link', 'add', 'br0', 'type', 'bridge')
    ip('-n', hub, 'link', 'set', 'br0', 'up')
    for (const [index, name] of names.entries()) {
      const machine = full(name)
      ip('netns', 'add', machine)
      ip('-n', machine, 'link', 'add', 'eth0', 'type', 'veth', 'peer', 'name', `port${index}`, 'netns', hub)
      ip('-n', hub, 'link', 'set', `port${index}`, 'master', 'br0', 'up')
      ip('-n', machine, 'link', 'set', 'lo', 'up')
      ip('-n', machine, 'link', 'set', 'eth0', 'up')
      ip('-n', machine, 'addr', 'add', `${address(name)}/24`, 'dev', 'eth0')
      ip('-n', machine, 'addr', 'add', `${address(name, 6)}/64`, 'dev', 'eth0', 'nodad')
      if (index === 0) continue
      ip('-n', machine, 'route', 'add', 'default', 'via', address(names[0]!))
      ip('-n', machine, '-6', 'route', 'add', 'default', 'via', address(names[0]!, 6))
    }
  } catch (error) {
    remove()
    throw error
  }
  return {
    address,
    within: name => ['ip', 'netns', 'exec', full(name)],
    run(name, command, { input, timeout = 60_000 } = {}) {
      const { status, stdout, stderr } = spawnSync('ip', ['netns', 'exec', full(name), ...command], {
        encoding: 'utf8',
        timeout,
        ...(input === undefined ? {} : { input }),
      })
      return { status: status ?? -1, stdout, stderr }
    },
    remove,
  }
}
