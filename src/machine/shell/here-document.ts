import type { Word } from './ast.ts'
import { lineAt, type Source, sourceOf } from './scan.ts'
import { readParts } from './word.ts'

/** Reads the bodies of the here-documents of the line just ended (XCU 2.7.4) and puts them in their redirections' targets. */
export const readHereDocuments = (source: Source): void => {
  for (const { redirection, delimiter, quoted, stripTabs } of source.pending.splice(0)) {
    const from = lineAt(source)
    let body = ''
    for (;;) {
      if (source.at >= source.text.length) {
        source.warnings.push({ line: lineAt(source), from: Math.max(from - 1, source.firstLine), delimiter })
        break
      }
      const end = source.text.indexOf('\n', source.at)
      let line = source.text.slice(source.at, end === -1 ? source.text.length : end)
      source.at = end === -1 ? source.text.length : end + 1
      if (stripTabs) line = line.replace(/^\t+/, '')
      if (line === delimiter) break
      body += `${line}\n`
    }
    redirection.target = quoted
      ? { parts: [{ kind: 'text', text: body, quoted: true }], raw: body }
      : expandable(body, source, from)
  }
}

const expandable = (body: string, source: Source, line: number): Word => {
  const inner = sourceOf(body, {
    line,
    maxDepth: source.maxDepth - source.depth,
    extglob: source.extglob,
    posix: source.posix,
    ash: source.ash,
  })
  return { parts: readParts(inner, { double: true, hereDocument: true }), raw: body }
}
