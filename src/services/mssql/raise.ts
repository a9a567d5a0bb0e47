import { TsqlError } from './errors.ts'
import type { Node } from './nodes.ts'
import { lineOf, type Run, valueIn } from './run.ts'
import { textOf } from './texts.ts'
import type { Notice } from './tokens.ts'

/** RAISERROR and THROW: errors of an attacker's own, thrown from class 11 on, else told. */
export function raise(node: Extract<Node, { is: 'raiserror' | 'throw' }>, run: Run) {
  const { session, sink } = run
  const args = node.args.map(one => valueIn(one, run))
  if (node.is === 'throw') {
    if (args.length === 0 && session.caught) throw new TsqlError(session.caught, true)
    const [number = 50_000n, text = '', state = 1n] = args
    throw new TsqlError(
      {
        number: Number(textOf(number ?? 50_000n)) | 0,
        text: textOf(text ?? ''),
        class: 16,
        state: Number(textOf(state ?? 1n)) & 255,
      },
      true,
    )
  }
  const [message = '', severity = 16n, state = 1n, ...given] = args
  let next = 0
  const words = textOf(message ?? '').replace(/%[-+0 #]{0,5}\d{0,4}(?:\.\d{1,4})?(?:[diouxX]|l?s|%|I64d)/g, mark =>
    mark === '%%' ? '%' : textOf(given[next++] ?? '(null)'),
  )
  const level = Math.min(25, Math.max(0, Number(textOf(severity ?? 16n)) || 0))
  const said: Notice = {
    number: typeof message === 'bigint' ? Number(message) | 0 : 50_000,
    text: words.slice(0, 2047),
    class: level,
    state: Number(textOf(state ?? 1n)) & 255,
    line: lineOf(node, run),
  }
  if (level > 10) throw new TsqlError(said)
  sink.notice(said)
}
