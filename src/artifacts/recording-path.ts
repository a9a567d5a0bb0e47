/**
 * Where a terminal session is recorded, below `directory`: `<last two hex of the session's id>/<id>.cast.zst`. A session's
 * further terminals (`-2` …) stand beside its first.
 */
export const recordingPath = (directory: string, id: string): string => `${shelfOf(directory, id)}/${id}.cast.zst`

/** The folder that it is in. */
export const shelfOf = (directory: string, id: string): string => `${directory}/${id.slice(0, 36).slice(-2)}`

/** Terminals of one session that are recorded, each under a number of its own. */
export const mostTerminals = 99

/** A session's id, with a terminal's number from 2 on. */
export const isRecordingId = (id: string): boolean => /^[0-9a-f-]{36}(-\d{1,2})?$/.test(id)
