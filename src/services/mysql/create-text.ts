import type { Table } from '#sql/store.ts'
import { standardText } from './schema.ts'
import { typeText } from './typing.ts'

/** A table's definition as SHOW CREATE TABLE has it. */
export function createText(table: Table): string {
  const lines = table.columns.map(({ name, type, standard, increment, comment }) => {
    const parts = [`\`${name}\` ${typeText(type)}`]
    if (type.notNull) parts.push('NOT NULL')
    else if (type.name === 'timestamp') parts.push('NULL')
    if (increment) parts.push('AUTO_INCREMENT')
    else if (standard) parts.push(`DEFAULT ${standardText(standard)}`)
    else if (!type.notNull) parts.push('DEFAULT NULL')
    if (comment) parts.push(`COMMENT '${comment}'`)
    return `  ${parts.join(' ')}`
  })
  for (const { kind, name, columns: list } of table.keys) {
    const inner = list.map(column => `\`${column}\``).join(',')
    lines.push(
      kind === 'primary'
        ? `  PRIMARY KEY (${inner})`
        : `  ${kind === 'unique' ? 'UNIQUE ' : ''}KEY \`${name ?? list[0]}\` (${inner})`,
    )
  }
  const next = table.columns.some(column => column.increment) && table.next > 1n ? ` AUTO_INCREMENT=${table.next}` : ''
  return `CREATE TABLE \`${table.name}\` (\n${lines.join(',\n')}\n) ENGINE=${table.options.get('engine') ?? 'InnoDB'}${next} DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci`
}
