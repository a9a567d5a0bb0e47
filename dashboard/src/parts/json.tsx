import { t } from '../i18n/index.ts'
import { Copy } from './state.tsx'
import { Text } from './text.tsx'

/** A value as indented JSON, safe to look at and to copy. JSON escapes C0 controls itself; the rest is made visible. */
export function Json({ value }: { value: unknown }) {
  const text = JSON.stringify(value, null, 2)
  return (
    <div class="json">
      <Copy text={text} label={t().copy} />
      <pre>
        <Text text={text} max={20_000} lines />
      </pre>
    </div>
  )
}
