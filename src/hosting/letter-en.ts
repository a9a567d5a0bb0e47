import type { Provider } from './catalogue.ts'
import type { ConditionId } from './conditions.ts'
import type { Facts, Kind, Writer } from './letter.ts'

const COLUMNS = 76

/** A line cut at spaces; what follows is indented as the text after its dash. */
function fold(text: string): string {
  const indent = /^(- | +)?/.exec(text)![0].replace('-', ' ')
  return text
    .split('\n')
    .map(line => foldLine(line, indent))
    .join('\n')
}

function foldLine(line: string, indent: string): string {
  const lines: string[] = []
  let rest = line
  while (rest.length > COLUMNS) {
    const cut = rest.lastIndexOf(' ', COLUMNS)
    if (cut <= indent.length) break
    lines.push(rest.slice(0, cut))
    rest = `${indent}${rest.slice(cut + 1)}`
  }
  return [...lines, rest].join('\n')
}

const count = (n: number) => n.toLocaleString('en')

const held: Record<ConditionId, (facts: Facts) => string> = {
  'no-outbound': () =>
    '- No outbound traffic: nothing in the program calls out, the measures above take the ability away, and the firewall of the server drops and counts whatever the decoys might begin. Under this condition the program does not start until an attempt has proved that. If you expect a firewall in your network besides, please tell me.',
  'passive-only': () =>
    '- Passive only: under this condition the program runs without decoys. Packets that come in are recorded, and the firewall of the server drops every one of them before anything could answer: no reset, no error, no reply. Nothing goes out but my own administration by SSH and what the network link itself needs (ARP, neighbour discovery). The program does not start until an attempt has proved that.',
  'low-impact': ({ limits }) =>
    `- No effect on others: the program holds at most ${count(limits.connections)} connections in all and ${count(limits.perSource)} from one address, and closes what is over. What it writes to disk is bounded. Under this condition the decoys send at most 1 MB a second in all, held by the firewall, everything runs at a lower priority (nice 10), and I am warned when the load climbs. If you name other limits, I will see to them, and I will stop the server if its load gives you trouble.`,
  'declare-research': () => '- Declared research: this letter is the declaration; your questions are answered below.',
  'ask-first': () => '- Asked first: I will not start before you have answered.',
}

const wishes: Record<Kind, (provider: Provider) => string[]> = {
  permission: ({ reason, seen }) => [
    `The answer of yours that I know of is of ${seen}. In my own words: ${reason.en}`,
    'Does it still hold? And would you permit this installation, under the measures above or under further ones that you name? I would be grateful for an answer in writing. I will not start before I have your permission.',
  ],
  declaration: ({ reason, seen }) => [
    `The conditions that I know of are of ${seen}. In my own words: ${reason.en}`,
    'Please tell me whether these conditions still hold, whether you need to know more, and whether you register this server as research.',
  ],
  question: ({ reason, seen, stricter }) => [
    `The answer of yours that I know of is of ${seen}. In my own words: ${reason.en}`,
    ...(stricter ? [`I have also seen a stricter one: ${stricter.en}`] : []),
    'Does it still hold for this installation, and are there conditions that I should keep besides? If a honeypot is not welcome, please say so, and I will not run one on your service.',
  ],
}

/** English letters: plain text, folded for mail. */
export const english: Writer = {
  subject: kind =>
    ({
      permission: 'Request for permission to run a honeypot',
      declaration: 'Declaration of research: a honeypot',
      question: 'Question about running a honeypot',
    })[kind],
  opening: ({ name }, kind, { passive }) =>
    [
      `To the support of ${name.en}`,
      '',
      fold(
        `I would like to run a honeypot on a server that I rent from you: ${passive ? 'a program that records the packets that strangers on the internet send, and answers none of them' : 'decoy services that record what strangers on the internet try on them'}. ${
          kind === 'declaration'
            ? 'With this letter I declare it to you before it starts.'
            : 'Before it starts I would like to ask you whether that is all right.'
        } Below is what it does, and what it cannot do.`,
      ),
    ].join('\n'),
  sections: (provider, kind, facts) => [
    { heading: 'Purpose', lines: [facts.purpose] },
    {
      heading: 'What runs',
      lines: facts.passive ? recorder : decoys(facts),
    },
    { heading: 'How it is kept from calling out', lines: facts.passive ? silence(facts) : lock(facts) },
    ...(provider.conditions.length
      ? [{ heading: 'Your conditions', lines: provider.conditions.map(id => held[id](facts)) }]
      : []),
    { heading: 'What I ask of you', lines: wishes[kind](provider) },
    {
      heading: 'Contact',
      lines: [
        facts.contact,
        '',
        'If the server ever gives you or others trouble, please write to me; I will stop it at once.',
      ],
    },
  ],
  answers: 'Your questions',
  closing: () => 'With kind regards',
  heading: text => `${text}\n${'-'.repeat(text.length)}`,
  fold,
}

const recorder = [
  'No decoy, and no port that the program opens to strangers. The program (skep, open source) records the packets that reach the server, headers and content. It runs nothing that it is sent, fetches nothing and passes nothing on.',
]

const decoys = ({ services, everyPort, packets }: Facts): string[] => [
  ...services.map(({ name, ports }) => `- ${name}: ${ports.join(', ')}`),
  ...(everyPort
    ? [
        '- every other TCP port: some of them accept connections and record what arrives, or lead it to the decoy above that speaks the same protocol; the rest stay closed.',
      ]
    : []),
  '',
  'These are imitations. The program behind them (skep, open source) runs nothing that it is sent, fetches nothing and passes nothing on. It records who connected, what was tried (log-ins, commands, requests) and what files were left; files are kept as they are and never run.',
  ...(packets ? ['Packets that become no connection, such as scans and pings, are recorded as well.'] : []),
]

const silence = ({ users }: Facts): string[] => [
  '- The process that takes the packets apart never has the network: the runtime (Node.js, permission model) refuses it to connect, to open ports, to start programs and to touch files other than its own code and records.',
  `- Started by the administrator, it goes on as an unprivileged user and apart from the side that stores and shows the records (uid ${users.hive}).`,
  "- The program also sets rules in the server's own firewall (nftables, a table of its own), which drop and count whatever would go out. At every start and every hour the administrator's own user tries to get out, and the rules count as in force only if each attempt was dropped.",
]

function lock({ udp, limits, users, proof }: Facts): string[] {
  return [
    '- Once the TCP decoys have opened their ports, their process gives up for good the right to connect to anybody, to look up names and to open further ports. The runtime (Node.js, permission model) refuses all of it from then on. They can accept, read and answer.',
    '- The same process may not start programs, load native code or touch files other than its own code and records.',
    `- Started by the administrator, it goes on as an unprivileged user (uid ${users.sensor}) and apart from the side that stores and shows the records (uid ${users.hive}).`,
    `- At every start it tries all of this in earnest, against the server itself, and records the outcome.${proof ? ` The latest trial, on ${proof.at.slice(0, 10)}: every attempt was refused.` : ''}`,
    ...(udp
      ? [
          `- Decoys that speak over UDP have to be able to send their answers. Nobody is sent more bytes than came from them, and there are at most ${limits.udpPerSource} a minute for one address and ${limits.udpOverall} a second in all, so that they are of no use for amplification.`,
        ]
      : []),
    `- Started by the administrator, it also sets rules in the server's own firewall (nftables, a table of its own): whatever the decoys' user (uid ${users.sensor}) begins, over IPv4 or IPv6, TCP, UDP, ICMP or anything else, is dropped and counted; answers in conversations that others began pass. At every start and every hour a process of that user tries to get out, and the rules count as in force only if each attempt was dropped.`,
  ]
}
