import { tablesOf, viewNames } from './catalog.ts'
import { idOf, type Session } from './state.ts'
import { systemTypes } from './types.ts'
import { stamp } from './views-define.ts'

/** Schemas that every database has, by their numbers. */
export const schemaIds = new Map([
  ['dbo', 1n],
  ['guest', 2n],
  ['information_schema', 3n],
  ['sys', 4n],
])
/** When the product itself was made, which its own objects bear. */
export const RTM = Date.UTC(2022, 9, 8, 6, 17, 5, 90)

/** A table, view or module of a database, as catalogue views list it. */
export type Shown = {
  name: string
  schema: string
  id: number
  type: string
  created: string
  text?: string
  table?: ReturnType<typeof tablesOf>[number]['table']
  shipped: boolean
}
const typeNames = new Map([
  ['U', 'USER_TABLE'],
  ['V', 'VIEW'],
  ['P', 'SQL_STORED_PROCEDURE'],
  ['PC', 'CLR_STORED_PROCEDURE'],
  ['FN', 'SQL_SCALAR_FUNCTION'],
  ['FS', 'CLR_SCALAR_FUNCTION'],
  ['TR', 'SQL_TRIGGER'],
  ['X', 'EXTENDED_STORED_PROCEDURE'],
])
/** What an object's number is kept under. */
export const objectKey = (database: string, schema: string, name: string): string =>
  `${database}.${schema}.${name}`.toLowerCase()

/** Tables, views, procedures and functions of a database. */
export function objectsOf(session: Session, database: string): Shown[] {
  const { server } = session
  const id = (schema: string, name: string) => idOf(server, objectKey(database, schema, name))
  return [
    ...tablesOf(server, database)
      .filter(({ table }) => !table.name.startsWith('@'))
      .map(
        ({ schema, table }): Shown => ({
          name: table.name,
          schema,
          id: id(schema, table.name),
          type: table.view ? 'V' : 'U',
          created: stamp(table.createdAt),
          table,
          shipped: false,
          ...(table.view ? { text: table.view.text } : {}),
        }),
      ),
    ...[...server.modules.values()]
      .filter(one => one.database === database)
      .map(
        ({ name, schema, kind, text, createdAt }): Shown => ({
          name,
          schema,
          id: id(schema, name),
          type: kind,
          created: stamp(createdAt),
          text,
          shipped: false,
        }),
      ),
  ]
}
/** An object in the words of sys.objects and sysobjects. */
export const row = ({ name, schema, id, type, created, text, shipped, table }: Shown) => ({
  name,
  object_id: BigInt(id),
  id: BigInt(id),
  principal_id: null,
  schema_id: schemaIds.get(schema) ?? 5n,
  uid: schemaIds.get(schema) ?? 5n,
  parent_object_id: 0n,
  parent_obj: 0n,
  type: type.padEnd(2),
  xtype: type.padEnd(2),
  type_desc: typeNames.get(type) ?? type,
  create_date: created,
  modify_date: created,
  crdate: created,
  refdate: created,
  is_ms_shipped: shipped ? 1n : 0n,
  is_published: 0n,
  is_schema_published: 0n,
  definition: text ?? null,
  text: text ?? null,
  colid: 1n,
  max_column_id_used: BigInt(table?.columns.length ?? 0),
  uses_ansi_nulls: 1n,
  temporal_type: 0n,
  temporal_type_desc: 'NON_TEMPORAL_TABLE',
  is_memory_optimized: 0n,
  status: 0n,
  category: 0n,
  info: 0n,
})
/** Objects of these types, or all. */
export const some =
  (...types: string[]) =>
  (session: Session, database: string) =>
    objectsOf(session, database)
      .filter(({ type }) => types.length === 0 || types.includes(type))
      .map(row)
/** The server's own views. */
export const shippedViews = () =>
  viewNames
    .filter(name => name.startsWith('sys.') || name.startsWith('information_schema.'))
    .map((name, i) => {
      const [schema = '', own = ''] = name.split('.')
      return row({ name: own, schema, id: -(i + 100), type: 'V', created: stamp(RTM), shipped: true })
    })

/** Columns in the words of sys.columns, syscolumns and INFORMATION_SCHEMA.COLUMNS. */
export const columns = (session: Session, database: string) =>
  objectsOf(session, database).flatMap(({ table, id, schema }) =>
    (table?.columns ?? []).map(({ name, type, increment, standard }, i) => {
      const [system = 231, bytes = 8000, precision = 0] = systemTypes.get(type.name) ?? []
      const wide = /^n/.test(type.name)
      const length =
        type.length === undefined || !/char|binary/.test(type.name)
          ? bytes
          : type.length < 0
            ? -1
            : wide
              ? type.length * 2
              : type.length
      const text = /char|text/.test(type.name)
      return {
        object_id: BigInt(id),
        id: BigInt(id),
        name,
        column_id: BigInt(i + 1),
        colid: BigInt(i + 1),
        colorder: BigInt(i + 1),
        system_type_id: BigInt(system),
        user_type_id: BigInt(system),
        xtype: BigInt(system),
        xusertype: BigInt(system),
        type: BigInt(system),
        usertype: BigInt(system),
        max_length: BigInt(length),
        length: BigInt(length),
        precision: BigInt(/^(?:decimal|numeric)$/.test(type.name) ? (type.length ?? 18) : precision),
        prec: BigInt(/^(?:decimal|numeric)$/.test(type.name) ? (type.length ?? 18) : precision),
        scale: BigInt(type.scale ?? (type.name === 'datetime' ? 3 : 0)),
        collation_name: text ? 'SQL_Latin1_General_CP1_CI_AS' : null,
        is_nullable: type.notNull ? 0n : 1n,
        isnullable: type.notNull ? 0n : 1n,
        is_ansi_padded: text ? 1n : 0n,
        is_rowguidcol: 0n,
        is_identity: increment ? 1n : 0n,
        is_computed: 0n,
        iscomputed: 0n,
        is_sparse: 0n,
        default_object_id: standard ? 1n : 0n,
        status: 0n,
        TABLE_CATALOG: session.server.databases.get(database)?.name ?? database,
        TABLE_SCHEMA: schema,
        TABLE_NAME: table!.name,
        COLUMN_NAME: name,
        ORDINAL_POSITION: BigInt(i + 1),
        IS_NULLABLE: type.notNull ? 'NO' : 'YES',
        DATA_TYPE: type.name,
        CHARACTER_MAXIMUM_LENGTH: text || /binary/.test(type.name) ? BigInt(type.length ?? 2_147_483_647) : null,
        CHARACTER_OCTET_LENGTH: text || /binary/.test(type.name) ? BigInt(length) : null,
        NUMERIC_PRECISION:
          precision > 0 && !/date|time/.test(type.name)
            ? BigInt(/^(?:decimal|numeric)$/.test(type.name) ? (type.length ?? 18) : precision)
            : null,
        NUMERIC_SCALE: /int|decimal|numeric/.test(type.name) ? BigInt(type.scale ?? 0) : null,
        DATETIME_PRECISION: /date|time/.test(type.name) ? BigInt(type.scale ?? 3) : null,
        CHARACTER_SET_NAME: text ? (wide ? 'UNICODE' : 'iso_1') : null,
        COLLATION_NAME: text ? 'SQL_Latin1_General_CP1_CI_AS' : null,
      }
    }),
  )
