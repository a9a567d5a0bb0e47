/** The third field of the row of this name: the uid in passwd(5), the gid in group(5). */
export const numberIn = (rows: readonly string[], name: string): number | undefined => {
  const row = rows.find(text => text.startsWith(`${name}:`))
  return row === undefined ? undefined : Number(row.split(':')[2])
}
