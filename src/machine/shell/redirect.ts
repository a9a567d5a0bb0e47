import { errorText } from '../errors.ts'
import { bytesInput } from '../input.ts'
import type { Redirection } from './ast.ts'
import { expandText, expandWords } from './expand.ts'
import { networkHandle } from './network.ts'
import { absolute, complain, fsOf, type Shell, whoOf } from './state.ts'
import {
  deviceHandle,
  fileOutput,
  type Handle,
  handleOf,
  namedPipe,
  readEnd,
  release,
  retain,
  writeEnd,
} from './streams.ts'
import { spend } from './world.ts'

/** A redirection that failed; the message is written already. */
export class RedirectFault extends Error {}

const fault = async (sh: Shell, message: string): Promise<never> => {
  await complain(sh, message)
  throw new RedirectFault(message)
}

/** Makes the redirections; the result undoes them. Nothing stays changed when one fails. */
export const redirect = async (sh: Shell, redirections: Redirection[]): Promise<() => void> => {
  const before = new Map<number, Handle | undefined>()
  const undo = () => {
    for (const [fd, handle] of before) {
      release(sh.handles.get(fd))
      if (handle) sh.handles.set(fd, handle)
      else sh.handles.delete(fd)
    }
    before.clear()
  }
  const put = (fd: number, handle: Handle | undefined) => {
    if (before.has(fd)) release(sh.handles.get(fd))
    else before.set(fd, sh.handles.get(fd))
    if (handle) sh.handles.set(fd, handle)
    else sh.handles.delete(fd)
  }
  try {
    for (const redirection of redirections) await one(sh, redirection, put)
  } catch (error) {
    undo()
    throw error
  }
  return undo
}

/** Lets go of what the redirections replaced, for `exec`. */
export const keepRedirections = async (sh: Shell, redirections: Redirection[]): Promise<void> => {
  for (const redirection of redirections) {
    await one(sh, redirection, (fd, handle) => {
      release(sh.handles.get(fd))
      if (handle) sh.handles.set(fd, handle)
      else sh.handles.delete(fd)
    })
  }
}

type Put = (fd: number, handle: Handle | undefined) => void

const one = async (sh: Shell, redirection: Redirection, put: Put): Promise<void> => {
  spend(sh.world)
  const { operator, target } = redirection
  if (operator === '<<' || operator === '<<<') {
    const text = (await expandText(sh, target)) + (operator === '<<<' ? '\n' : '')
    put(redirection.fd ?? 0, handleOf({ input: bytesInput(Buffer.from(text, 'latin1')) }))
    return
  }
  const fields = await expandWords(sh, [target])
  const [word] = fields
  if (word === undefined || fields.length > 1) return fault(sh, `${target.raw}: ambiguous redirect`)
  if (operator === '>&' || operator === '<&') return duplicate(sh, redirection, word, put)
  const both = operator === '&>' || operator === '&>>'
  const fd = redirection.fd ?? (operator.startsWith('<') ? 0 : 1)
  const handle = await open(sh, word, operator)
  put(fd, handle)
  if (both) put(2, retain(handle))
}

const duplicate = async (sh: Shell, redirection: Redirection, word: string, put: Put): Promise<void> => {
  const fd = redirection.fd ?? (redirection.operator === '<&' ? 0 : 1)
  if (word === '-') return put(fd, undefined)
  const number = /^([0-9]+)(-?)$/.exec(word)
  if (!number) {
    if (redirection.operator === '<&' || redirection.fd !== undefined) return fault(sh, `${word}: ambiguous redirect`)
    const handle = await open(sh, word, '>')
    put(1, handle)
    put(2, retain(handle))
    return
  }
  const handle = sh.handles.get(Number(number[1]))
  if (!handle) return fault(sh, `${word}: Bad file descriptor`)
  put(fd, retain(handle))
  if (number[2] === '-' && Number(number[1]) !== fd) put(Number(number[1]), undefined)
}

/** open(2) as the redirection operators do it, with the paths bash itself knows. */
export const open = async (sh: Shell, word: string, operator: string): Promise<Handle> => {
  const named = /^\/dev\/(?:fd\/([0-9]+)|(stdin|stdout|stderr))$/.exec(word)
  if (named) {
    const substituted = sh.world.substituted.get(word)
    if (Buffer.isBuffer(substituted)) return handleOf({ input: bytesInput(substituted) })
    if (substituted) return retain(substituted)
    const fd = named[1] === undefined ? ['stdin', 'stdout', 'stderr'].indexOf(named[2]!) : Number(named[1])
    const handle = sh.handles.get(fd)
    return handle ? retain(handle) : fault(sh, `${word}: No such file or directory`)
  }
  const network = /^\/dev\/(tcp|udp)\/([^/]+)\/([^/]+)$/.exec(word)
  if (network && sh.flavour === 'bash') {
    const made = await networkHandle(sh, network[1] as 'tcp' | 'udp', network[2]!, network[3]!)
    return typeof made === 'string' ? fault(sh, `${word}: ${made}`) : made
  }
  try {
    return opened(sh, absolute(sh, word), operator)
  } catch (error) {
    if (error instanceof ExistsFault) {
      return fault(
        sh,
        sh.flavour === 'sh' ? `cannot create ${word}: File exists` : `${word}: cannot overwrite existing file`,
      )
    }
    const text = errorText(error)
    if (sh.flavour === 'bash') return fault(sh, word === '' ? ': No such file or directory' : `${word}: ${text}`)
    const creating = operator !== '<'
    const wording =
      creating && text === 'No such file or directory'
        ? 'Directory nonexistent'
        : text === 'No such file or directory'
          ? 'No such file'
          : text
    return fault(sh, `cannot ${creating ? 'create' : 'open'} ${word}: ${wording}`)
  }
}

class ExistsFault extends Error {}

const opened = (sh: Shell, path: string, operator: string): Handle => {
  const fs = fsOf(sh)
  const who = whoOf(sh)
  const { world } = sh
  const there = statOf(sh, path)
  const { terminal } = world.process
  if (terminal && (path === '/dev/tty' || path === `/dev/${terminal.name}`)) {
    const own = [0, 1, 2].map(fd => sh.handles.get(fd)).find(handle => handle?.tty && handle.input)
    return own?.input
      ? handleOf({ input: own.input, output: terminal.output, tty: true })
      : handleOf({ input: terminal.input, output: terminal.output, tty: true })
  }
  if (there?.type === 'char' || path === '/dev/null') {
    const device = deviceHandle(world, there?.rdev?.major === 1 || !there ? (there?.rdev?.minor ?? 3) : -1)
    if (device) return device
  }
  if (there?.type === 'fifo') {
    const pipe = namedPipe(world, there)
    if (operator === '<') return readEnd(pipe)
    // A writer never waits for its reader to come: fifo(7) would, until then the bytes stay here.
    pipe.readers += pipe.readers === 0 ? 1 : 0
    return writeEnd(pipe)
  }
  if (operator === '<') return handleOf({ input: bytesInput(readWhole(sh, path)) })
  if (operator === '<>') {
    if (!there) fs.writeFile(path, Buffer.alloc(0), who, { mode: 0o666 & ~sh.umask })
    return handleOf({ input: bytesInput(readWhole(sh, path)), output: fileOutput(world, fs, path, who) })
  }
  const append = operator === '>>' || operator === '&>>'
  if (!append && operator !== '>|' && sh.options.has('noclobber') && there?.type === 'file') throw new ExistsFault()
  fs.writeFile(
    path,
    Buffer.alloc(0),
    who,
    append ? { append: true, mode: 0o666 & ~sh.umask } : { mode: 0o666 & ~sh.umask },
  )
  return handleOf({ output: fileOutput(world, fs, path, who) })
}

const readWhole = (sh: Shell, path: string): Buffer => {
  const data = fsOf(sh).readFile(path, whoOf(sh))
  spend(sh.world, data.length >> 12)
  return data
}

const statOf = (sh: Shell, path: string) => {
  try {
    return fsOf(sh).stat(path, whoOf(sh))
  } catch {
    return undefined
  }
}
