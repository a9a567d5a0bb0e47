/** A text in the two languages of the project. */
export type Bilingual = { en: string; ja: string }

/** What a condition looks at: the day on which something was agreed with the provider, and how the way out is locked. */
type Said = { declared?: string | undefined; lock?: Lock | undefined }

/** The firewall's lock as it was proved last. */
export type Lock = {
  state: 'proved' | 'unproved' | 'absent'
  why?: string
  /** It is that of the passive edition, which lets nothing in either. */
  silent?: boolean
}

export type Condition = {
  title: Bilingual
  /** Why a start under this condition is refused; `undefined` when it is met. */
  unmet(said: Said, provider: string): string | undefined
}

/**
 * What providers ask for, as far as a program can see to it. Each is refused where it is not met, and where this version
 * cannot prove that it is: being allowed under a condition is not being allowed.
 */
export const conditions = {
  'no-outbound': {
    title: { en: 'nothing goes out that nobody asked for', ja: '外向きの通信を行わないこと' },
    unmet: ({ lock }) =>
      lock?.state === 'proved'
        ? undefined
        : `the firewall's lock on the way out is not proved: ${lock?.why ?? 'it is tried at a start as root'}`,
  },
  'passive-only': {
    title: { en: 'nothing answers, packets are only recorded', ja: '応答せず、受信の記録だけを行うこと' },
    // Under it the passive edition runs in place of any other (src/supervisor/passive.ts).
    unmet: ({ lock }) =>
      lock?.state === 'proved' && lock.silent === true
        ? undefined
        : `that nothing answers is the firewall's doing, which is not proved: ${lock?.why ?? 'it is tried at a start as root'}`,
  },
  'low-impact': {
    title: { en: 'neither other customers nor the host notice', ja: 'ほかの利用者や基盤に影響を与えないこと' },
    // Connections, answers, priority and disk are held by the program itself; bandwidth takes the firewall.
    unmet: ({ lock }) =>
      lock?.state === 'proved'
        ? undefined
        : `the cap on bandwidth is the firewall's, which is not in force: ${lock?.why ?? 'it is set at a start as root'}`,
  },
  'declare-research': {
    title: { en: 'declared as research before it starts', ja: '研究目的であることを事前に申告すること' },
    unmet: ({ declared }, provider) =>
      declared === undefined
        ? `declare it first: send what \`skep providers letter ${provider}\` prints, then put the day into provider.declared`
        : undefined,
  },
  'ask-first': {
    title: { en: 'asked for and permitted before it starts', ja: '事前に問い合わせ、許可を得ること' },
    unmet: (_, provider) =>
      `ask first: send what \`skep providers letter ${provider}\` prints, and wait for the answer`,
  },
} as const satisfies Record<string, Condition>

export type ConditionId = keyof typeof conditions
export const conditionIds = Object.keys(conditions) as [ConditionId, ...ConditionId[]]
