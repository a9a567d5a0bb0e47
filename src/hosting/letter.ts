import type { Provider } from './catalogue.ts'
import { english } from './letter-en.ts'
import { japanese } from './letter-ja.ts'
import type { Proof } from './proof.ts'
import { type Capacity, questions } from './questions.ts'

export const languages = ['en', 'ja'] as const
export type Language = (typeof languages)[number]

/** What a letter says of one sensor; all of it from its configuration and its journal. */
export type Facts = {
  contact: string
  purpose: string
  capacity?: Capacity | undefined
  /** Services and their ports as the provider sees them: `22`, `53/udp`, `30000–30063`. */
  services: { name: string; ports: string[] }[]
  /** All other TCP ports are redirected to a decoy as well. */
  everyPort?: boolean
  /** Packets that become no connection are recorded. */
  packets?: boolean
  /** Nothing answers: there are packets, and no services. */
  passive?: boolean
  /** Whether any of them answers datagrams. */
  udp: boolean
  limits: { connections: number; perSource: number; udpPerSource: number; udpOverall: number }
  users: { sensor: number; hive: number }
  proof?: Proof | undefined
}

/** `permission` asks for what was forbidden or has to be asked first, `declaration` declares, `question` asks whether an answer still holds. */
export type Kind = 'permission' | 'declaration' | 'question'

export type Letter = { subject: string; body: string }

/** One language's way of writing; a section is a heading and its paragraphs or lines. */
export type Writer = {
  subject(kind: Kind): string
  opening(provider: Provider, kind: Kind, facts: Facts): string
  sections(provider: Provider, kind: Kind, facts: Facts): { heading: string; lines: string[] }[]
  answers: string
  closing(kind: Kind): string
  heading(text: string): string
  /** Breaks lines where a mail program would not. */
  fold(text: string): string
}

const writers: Record<Language, Writer> = { en: english, ja: japanese }

export const kindOf = ({ verdict, conditions }: Provider): Kind =>
  verdict === 'forbidden' || conditions.includes('ask-first')
    ? 'permission'
    : conditions.includes('declare-research')
      ? 'declaration'
      : 'question'

/** Questions of this provider that nothing in the configuration answers; a letter needs them answered. */
export const unanswered = (provider: Provider, facts: Pick<Facts, 'capacity' | 'udp'>) =>
  provider.asks.filter(id => questions[id].answer(facts) === undefined)

/** The question, request or declaration to send to a provider. Throws when a question it asks has no answer. */
export function writeLetter(provider: Provider, facts: Facts, language: Language): Letter {
  const writer = writers[language]
  const kind = kindOf(provider)
  const answers = provider.asks.flatMap(id => {
    const answer = questions[id].answer(facts)
    if (answer === undefined) throw new Error(`${provider.id} asks for what is not said: ${id}`)
    return [`- ${questions[id].question[language]}`, `  ${answer[language]}`]
  })
  const sections = writer.sections(provider, kind, facts)
  // What was asked is answered before what is asked.
  if (answers.length) sections.splice(-2, 0, { heading: writer.answers, lines: answers })
  const body = [
    writer.opening(provider, kind, facts),
    ...sections.map(({ heading, lines }) => [writer.heading(heading), ...lines.map(writer.fold)].join('\n')),
    writer.closing(kind),
  ]
  return { subject: writer.subject(kind), body: `${body.join('\n\n')}\n` }
}
