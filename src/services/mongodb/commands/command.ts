import { MongoError } from '../errors.ts'
import type { Session } from '../state.ts'
import type { Collection } from '../store.ts'
import { type Doc, isArray, isDoc, numberOf, typeName, type Value } from '../value.ts'
import type { Work } from '../work.ts'

/** One command as it came: its database, the name as it was written, and the document whose first field it is. */
export type Request = { session: Session; db: string; name: string; command: Doc; work: Work }
export type Run = (request: Request) => Doc | Promise<Doc>
/** Commands by their names, which stand apart by `|` where there are several. */
export type Commands = readonly (readonly [names: string, run: Run])[]

/** The collection that a command's first field names. */
export function collectionName({ command, name, db }: Request): string {
  const value = command.get(name)
  if (typeof value !== 'string')
    throw new MongoError('InvalidNamespace', `collection name has invalid type ${typeName(value)}`)
  if (value === '' || value.includes('\0') || value.startsWith('.') || `${db}.${value}`.length > 255)
    throw new MongoError('InvalidNamespace', `Invalid namespace specified '${db}.${value}'`)
  return value
}
export const namespace = ({ db }: Request, name: string): string => `${db}.${name}`
export const collectionOf = (request: Request, name: string): Collection | undefined =>
  request.session.server.store.collection(request.db, name)

export function docAt(command: Doc, name: string): Doc {
  const value = command.get(name)
  if (value === undefined || value === null) return new Map()
  if (!isDoc(value)) throw wrongType(command, name, value, 'object')
  return value
}
export function arrayAt(command: Doc, name: string): Value[] {
  const value = command.get(name)
  if (value === undefined) throw missing(command, name)
  if (!isArray(value)) throw wrongType(command, name, value, 'array')
  return value
}
export function countAt(command: Doc, name: string): number | undefined {
  const value = command.get(name)
  if (value === undefined || value === null) return undefined
  const n = numberOf(value)
  if (n === undefined)
    throw new MongoError(
      'TypeMismatch',
      `BSON field '${verb(command)}.${name}' is the wrong type '${typeName(value)}', expected types '[long, int, decimal, double]'`,
    )
  if (n < 0) throw new MongoError(51_024, `BSON field '${name}' value must be >= 0, actual value '${Math.trunc(n)}'`)
  return Math.min(Math.trunc(n) || 0, 2 ** 31)
}
const verb = (command: Doc): string => [...command.keys()][0] ?? ''
const wrongType = (command: Doc, name: string, value: Value, wanted: string): MongoError =>
  new MongoError(
    'TypeMismatch',
    `BSON field '${verb(command)}.${name}' is the wrong type '${typeName(value)}', expected type '${wanted}'`,
  )
export const missing = (command: Doc, name: string): MongoError =>
  new MongoError(40_414, `BSON field '${verb(command)}.${name}' is missing but a required field`)
