/** Another program, or another part of this one, has the database open. `pid` where the system tells. */
export class StoreLocked extends Error {
  readonly pid: number | undefined
  constructor(file: string, pid?: number) {
    super(`${file} is in use${pid === undefined ? '' : ` by process ${pid}`}`)
    this.pid = pid
  }
}

/** The database was written by a later skep than this one. */
export class StoreTooNew extends Error {}

/** The database has other columns than this program fills, though its version is the same: no event would go in. */
export class StoreMismatch extends Error {}

/** The engine gave up after an error it cannot recover from in this process, or takes no event at all; what was committed is safe on disk. */
export class StoreBroken extends Error {}

/** The caller asked for something that cannot be: a field that does not exist, a cursor of another list. */
export class BadQuery extends Error {}

/** A person's query was refused, failed or took too long; the message is for the person. */
export class SqlError extends Error {}
