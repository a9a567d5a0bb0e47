import { addressesOf } from '../fs/addresses.ts'
import { socketsOf } from '../fs/sockets.ts'
import { type Process, SystemError } from '../system.ts'
import { ipv4Of, ipv6Of, placeOf } from './addresses.ts'

/** Lines of /etc/hosts that are looked at. */
const mostLines = 2000

/** What /etc/hosts says of a name; an attacker may have written there. */
const inHosts = (process: Process, name: string): string[] => {
  let text = ''
  try {
    text = process.fs.readFile('/etc/hosts', process.who, { max: 64 << 10 }).toString('latin1')
  } catch (error) {
    if (!(error instanceof SystemError)) throw error
  }
  const found: string[] = []
  for (const line of text.split('\n').slice(0, mostLines)) {
    const [address = '', ...names] = line.replace(/#.*/, '').trim().split(/\s+/)
    if (names.some(one => one.toLowerCase() === name.toLowerCase())) found.push(address)
  }
  return found
}

/** The addresses of a name as getaddrinfo(3) sorts them on a host with IPv4 alone; `undefined`: nobody knows the name. */
export const lookup = (process: Process, name: string, family?: 4 | 6): string[] | undefined => {
  process.step(5)
  const wanted = (address: string): boolean => family === undefined || (family === 6) === address.includes(':')
  const listed = inHosts(process, name)
  if (listed.length > 0) {
    // Loopback names have both; getaddrinfo(3) gives ::1 first.
    const sorted = listed.toSorted((a, b) => Number(b === '::1') - Number(a === '::1')).filter(wanted)
    return sorted.length > 0 ? sorted : undefined
  }
  const found = process.host.internet.resolve(name)
  if (!found) return undefined
  const addresses = [found.v4, found.v6 ?? ''].filter(address => address !== '' && wanted(address))
  return addresses.length > 0 ? addresses : undefined
}

/** A numeric address, as it is written. */
export const isAddress = (host: string): boolean => ipv4Of(host) !== undefined || ipv6Of(host) !== undefined

/** The address that the world sees this machine come from. */
export const publicAddress = (process: Pick<Process, 'host'>): string => {
  const { persona, processes, internet } = process.host
  const own = addressesOf(persona, processes).v4
  return placeOf(own) === 'public' ? own : (internet.resolve(persona.fqdn)?.v4 ?? own)
}

/** Addresses of this machine itself. */
export const isOwn = (process: Pick<Process, 'host'>, address: string): boolean => {
  const place = placeOf(address)
  if (place === 'loopback' || place === 'any') return true
  const { v4, linkLocal } = addressesOf(process.host.persona, process.host.processes)
  return address === v4 || address === linkLocal
}

export type Reached = {
  /** Until it was connected, or until it failed. */
  seconds: number
  refused?: 'ECONNREFUSED' | 'ETIMEDOUT' | 'EHOSTUNREACH' | 'ENETUNREACH'
}

/** connect(2) to a numeric address. */
export const reach = (process: Process, address: string, port: number): Reached => {
  process.step(5)
  if (isOwn(process, address)) {
    const v6 = address.includes(':')
    const open = socketsOf(process.host.processes).some(
      socket => socket.protocol === 'tcp' && socket.state === 'LISTEN' && socket.localPort === port && socket.v6 === v6,
    )
    return open ? { seconds: 0 } : { seconds: 0, refused: 'ECONNREFUSED' }
  }
  // The card has no global IPv6 address.
  if (address.includes(':')) return { seconds: 0, refused: 'ENETUNREACH' }
  return process.host.internet.connect(address, port)
}

/** strerror(3) of what connect(2) says. */
export const connectTexts = {
  ECONNREFUSED: 'Connection refused',
  ETIMEDOUT: 'Connection timed out',
  EHOSTUNREACH: 'No route to host',
  ENETUNREACH: 'Network is unreachable',
} as const
