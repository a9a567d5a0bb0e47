import type { Status } from '../answers.ts'
import { bytes, number } from '../format.ts'
import { t, word } from '../i18n/index.ts'
import { Fact } from './fact.tsx'
import { Panel } from './state.tsx'
import { Time } from './value.tsx'

/** How the sensor stands with its host, and what keeps it from harming others: what an abuse mail asks. */
export function Standing({ status: { standing, lock, caps = [] } }: { status: Status }) {
  if (!standing || !lock) return null
  const { provider, guesses } = standing
  const words = t().standing
  return (
    <Panel title={words.title}>
      <dl class="facts-list column">
        <Fact name={words.host}>
          {provider
            ? `${provider.name}: ${word(words.verdicts, provider.verdict)}`
            : guesses.length > 0
              ? `${words.unnamed} ${words.guessed(guesses.map(({ name }) => name).join(', '))}`
              : words.unnamed}
        </Fact>
        {provider && (
          <Fact name={words.answered}>
            {provider.seen} {provider.stale && <span class="tag bad">{words.stale}</span>}
          </Fact>
        )}
        {provider?.permission && (
          <Fact name={words.permission}>
            {provider.permission.date} · {provider.permission.statement}
          </Fact>
        )}
        {provider?.declared && <Fact name={words.declared}>{provider.declared}</Fact>}
        {provider?.conditions.map(({ id, unmet }) => (
          <Fact key={id} name={word(words.conditions, id)}>
            <span class={unmet === undefined ? 'tag good' : 'tag bad'}>
              {unmet === undefined ? words.met : words.unmet}
            </span>
            {unmet !== undefined && <p class="why">{unmet}</p>}
          </Fact>
        ))}
        <Fact name={words.lock}>
          <span class={lock.state === 'proved' ? 'tag good' : 'tag bad'}>{word(words.lockStates, lock.state)}</span>{' '}
          {lock.at > 0 && <Time at={lock.at} />}
          {lock.why && <p class="why">{lock.why}</p>}
        </Fact>
        {lock.state === 'proved' && (
          <Fact name={words.dropped}>
            {number(Object.values(lock.dropped).reduce((sum, packets) => sum + packets, 0))}
          </Fact>
        )}
        {lock.traffic &&
          Object.entries(lock.traffic).map(([who, count]) => (
            <Fact key={who} name={word(words.traffic, who)}>
              {bytes(count)}
            </Fact>
          ))}
        {caps.map(({ what, used, cap }) => (
          <Fact key={what} name={word(words.caps, what)}>
            {words.of(number(used), number(cap))}
          </Fact>
        ))}
      </dl>
    </Panel>
  )
}
