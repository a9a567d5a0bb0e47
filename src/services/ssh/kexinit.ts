import { hash } from 'node:crypto'
import type { Cursor } from '#codec/cursor.ts'
import { Malformed } from '#codec/malformed.ts'
import type { Release } from './algorithms.ts'
import { Message } from './messages.ts'
import { boolean, message, readEnd, readText, string, uint32 } from './wire.ts'

/** The ten name-lists of a KEXINIT (RFC 4253 §7.1), in order. */
export const lists = [
  'kex',
  'host_key',
  'encryption_client_to_server',
  'encryption_server_to_client',
  'mac_client_to_server',
  'mac_server_to_client',
  'compression_client_to_server',
  'compression_server_to_client',
  'languages_client_to_server',
  'languages_server_to_client',
] as const
export type Offer = Record<(typeof lists)[number], string[]>

/** What a server of this release with these host keys offers. */
export const serverOffer = (release: Release, hostKeyAlgorithms: readonly string[]): Offer => ({
  kex: [...release.kex],
  host_key: [...hostKeyAlgorithms],
  encryption_client_to_server: [...release.ciphers],
  encryption_server_to_client: [...release.ciphers],
  mac_client_to_server: [...release.macs],
  mac_server_to_client: [...release.macs],
  compression_client_to_server: [...release.compression],
  compression_server_to_client: [...release.compression],
  languages_client_to_server: [],
  languages_server_to_client: [],
})

/** A KEXINIT's payload from behind the cookie. */
export const kexInitTail = (offer: Offer): Buffer =>
  Buffer.concat([...lists.map(list => string(offer[list].join(','))), boolean(false), uint32(0)])

/** The payload of a KEXINIT. */
export const kexInit = (cookie: Buffer, tail: Buffer): Buffer => message(Message.kexInit, cookie, tail)

/** Reads a KEXINIT's payload after its message number. `more` may follow. */
export function readKexInit(from: Cursor, more = false): { offer: Offer; guess: boolean } {
  from.bytes(16)
  const offer = {} as Offer
  for (const list of lists) {
    const names = readText(from).toString('latin1')
    offer[list] = names === '' ? [] : names.split(',')
  }
  const guess = from.u8() !== 0
  from.u32be()
  if (!more) readEnd(from)
  return { offer, guess }
}

/** HASSH of a client: MD5 over its key exchange, encryption, MAC and compression lists, client to server. */
export const hassh = (offer: Offer): string =>
  hash(
    'md5',
    [offer.kex, offer.encryption_client_to_server, offer.mac_client_to_server, offer.compression_client_to_server]
      .map(names => names.join(','))
      .join(';'),
  )

export type Agreement = {
  kex: string
  hostKey: string
  clientToServer: { cipher: string; mac: string | undefined; compression: string }
  serverToClient: { cipher: string; mac: string | undefined; compression: string }
  /** The client guessed wrong: its next packet is to be dropped (RFC 4253 §7). */
  skipGuess: boolean
}

/** The first of the client's names that the server has (RFC 4253 §7.1). */
export function negotiate(client: Offer, server: Offer, guess: boolean, aead: (cipher: string) => boolean): Agreement {
  const choose = (list: keyof Offer): string => {
    const name = client[list].find(candidate => server[list].includes(candidate))
    if (name === undefined) throw new Malformed(`No common name in ${list}: ${client[list].join(',').slice(0, 200)}`)
    return name
  }
  const direction = (way: 'client_to_server' | 'server_to_client') => {
    const cipher = choose(`encryption_${way}`)
    return {
      cipher,
      mac: aead(cipher) ? undefined : choose(`mac_${way}`),
      compression: choose(`compression_${way}`),
    }
  }
  return {
    kex: choose('kex'),
    hostKey: choose('host_key'),
    clientToServer: direction('client_to_server'),
    serverToClient: direction('server_to_client'),
    skipGuess: guess && (client.kex[0] !== server.kex[0] || client.host_key[0] !== server.host_key[0]),
  }
}
