import { action, file, network, type Sample, type Sender } from './action.ts'

/** What never became a connection, as packets told it (src/capture). */
export const packetActions = {
  scan: action(
    'scan',
    'Probes of one source and kind that opened nothing, as one story: `ports` are those that no earlier event of it told, `event.reason` says why it is over.',
    network,
    (d: {
      kind: string
      ports?: string[]
      types?: string[]
      protocols?: string[]
      /** Ports, types or protocols in all so far. */
      count: number
      packets: number
      bytes: number
      rate?: number
      first: string
      last: string
      tools: string[]
      destinations: string[]
      /** Of many sources that share a story, as forged ones do: about how many. */
      sources?: number
      sender?: Sender
      reason?: string
    }) => {
      const { reason, sender, first, last, ...scan } = d
      return {
        event: { start: first, end: last, ...(reason === undefined ? {} : { reason }) },
        skep: { scan, ...(sender === undefined ? {} : { sender }) },
      }
    },
  ),

  packet: action(
    'packet',
    'A packet to where no decoy listens: its headers, first bytes inline, all that it carried as a sample.',
    network,
    (d: {
      /** Its own ends, which may be others than those of the story that it belongs to. */
      source: { ip: string; port?: number }
      destination: { ip: string; port?: number }
      bytes: number
      /** Names of TCP flags, type and code of ICMP, number of another protocol. */
      headers: object
      sender?: Sender
      start?: string
      sample?: Sample
    }) => ({
      source: { ...d.source, bytes: d.bytes },
      destination: d.destination,
      ...(d.sample === undefined ? {} : { file: file(d.sample, undefined) }),
      skep: {
        packet: d.headers,
        ...(d.sender === undefined ? {} : { sender: d.sender }),
        ...(d.start === undefined ? {} : { payload: d.start }),
      },
    }),
  ),

  tcpHello: action(
    'tcp-hello',
    'The first packet of a client whose connection was accepted, and what it gives away; once an hour a client.',
    network,
    (d: Sender) => ({ skep: { sender: d } }),
  ),

  packetsLost: action(
    'packets-lost',
    'Packets that were not recorded as they should have been: where they were lost, how many, and why.',
    { kind: 'state', category: ['host'], type: ['error'] },
    (d: { where: string; count: number; why: string }) => ({
      message: `${d.count} packets lost: ${d.why}`,
      skep: { lost: d },
    }),
  ),
} as const
