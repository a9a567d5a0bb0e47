import type { Bilingual } from './conditions.ts'

/** On whose behalf somebody runs a sensor. */
export const capacities = ['personal', 'company', 'university'] as const
export type Capacity = (typeof capacities)[number]

const capacityWords: Record<Capacity, Bilingual> = {
  personal: { en: 'It is for personal use, by a private person.', ja: '個人による利用です。' },
  company: { en: 'It is for a company.', ja: '企業としての利用です。' },
  university: { en: 'It is for a university.', ja: '大学としての利用です。' },
}

/** What an answer depends on; `udp`: some decoy answers datagrams, whose sender may be forged. */
type Facts = { capacity?: Capacity | undefined; udp: boolean }

type Question = { question: Bilingual; answer(facts: Facts): Bilingual | undefined }

/** What providers want answered in a declaration, and the answers that hold for every sensor or come from skep.yaml. */
export const questions = {
  'kind-of-research': {
    question: { en: 'What kind of research is it?', ja: '研究の種類' },
    answer: () => ({
      en: 'Observation of unsolicited traffic: decoy services wait to be found and record what is tried on them. The purpose is stated above.',
      ja: '届いた通信の観測です。おとりのサービスが接続を待ち受け、試みられた内容を記録します。目的は上に記したとおりです。',
    }),
  },
  'number-of-tests': {
    question: { en: 'Is there more than one kind of test or scan?', ja: '試験や走査の有無、種類' },
    answer: () => ({
      en: 'There is none. The server tests nobody and scans nobody; it answers those who connect to it.',
      ja: '試験も走査も行いません。接続してきた相手に応答するだけです。',
    }),
  },
  capacity: {
    question: { en: 'Is it for a company, a university or personal use?', ja: '企業・大学・個人の別' },
    answer: ({ capacity }) => (capacity === undefined ? undefined : capacityWords[capacity]),
  },
  effect: {
    question: {
      en: 'What effect will it have on systems that are connected to or scanned?',
      ja: '相手のシステムに与える影響',
    },
    answer: ({ udp }) => ({
      en: `None on systems that send it nothing, since it connects to nobody. Those that connect get answers like those of an ordinary server.${
        udp
          ? ' Where somebody forges the sender of a datagram, the answer goes to the owner of that address; it is no larger than the datagram was, and rare, as said above.'
          : ''
      }`,
      ja: `こちらから接続することはないため、通信してこないシステムには影響を与えません。接続してきた相手には、通常のサーバーと同様の応答を返します。${
        udp
          ? 'UDP で送信元が詐称された場合は、応答がそのアドレスの持ち主に届くことがあります。ただし、上記のとおり大きさと回数を抑えております。'
          : ''
      }`,
    }),
  },
} as const satisfies Record<string, Question>

export type QuestionId = keyof typeof questions
export const questionIds = Object.keys(questions) as [QuestionId, ...QuestionId[]]
