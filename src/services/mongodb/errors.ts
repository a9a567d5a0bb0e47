import { type Doc, doc, int } from './value.ts'

/** Error codes by their names (src/mongo/base/error_codes.yml). */
const codes = {
  InternalError: 1,
  BadValue: 2,
  NoSuchKey: 4,
  FailedToParse: 9,
  UserNotFound: 11,
  Unauthorized: 13,
  TypeMismatch: 14,
  ProtocolError: 17,
  AuthenticationFailed: 18,
  IllegalOperation: 20,
  NamespaceNotFound: 26,
  IndexNotFound: 27,
  PathNotViable: 28,
  RoleNotFound: 31,
  ConflictingUpdateOperators: 40,
  CursorNotFound: 43,
  NamespaceExists: 48,
  DollarPrefixedFieldName: 52,
  MaxTimeMSExpired: 50,
  EmptyFieldName: 56,
  CommandNotFound: 59,
  ImmutableField: 66,
  CannotCreateIndex: 67,
  InvalidOptions: 72,
  InvalidNamespace: 73,
  NoReplicationEnabled: 76,
  OperationFailed: 96,
  UnsupportedFormat: 118,
  CommandNotSupportedOnView: 166,
  MechanismUnavailable: 334,
  UnsupportedOpQueryCommand: 352,
  DuplicateKey: 11_000,
  OutOfDiskSpace: 14_031,
  IndexKeySpecsConflict: 86,
} as const
type CodeName = keyof typeof codes

/** An answer with `ok: 0`. A number stands for an error that has no name but `Location` and itself. */
export class MongoError extends Error {
  readonly code: number
  readonly codeName: string
  readonly more: Doc
  constructor(code: CodeName | number, message: string, more: Doc = new Map()) {
    super(message)
    this.code = typeof code === 'number' ? code : codes[code]
    this.codeName = typeof code === 'number' ? `Location${code}` : code
    this.more = more
  }
}

/** `{ ok: 0, errmsg, code, codeName }` (CommandHelpers::appendCommandStatusNoThrow). */
export const failure = ({ code, codeName, message, more }: MongoError): Doc =>
  new Map([...doc({ ok: 0, errmsg: message, code: int(code), codeName }), ...more])

export const badValue = (message: string): MongoError => new MongoError('BadValue', message)
export const failedToParse = (message: string): MongoError => new MongoError('FailedToParse', message)
export const typeMismatch = (message: string): MongoError => new MongoError('TypeMismatch', message)
