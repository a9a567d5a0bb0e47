/** Lines whose answer differs, and why, by family; everything else has to be equal. */
export const EXCUSED: Record<string, Readonly<Record<string, string>>> = {}
