/**
 * Bytes that addresses have sent and not been sent back, until the next `clear`. Whatever is spent here was received from
 * that very address before. Of more than `max` addresses the oldest lose theirs.
 */
export function savings(max: number) {
  const bytes = new Map<string, number>()

  /** `received` more bytes came from this address; all it has now. */
  function add(ip: string, received: number): number {
    const all = (bytes.get(ip) ?? 0) + received
    bytes.set(ip, all)
    if (bytes.size > max) bytes.delete(bytes.keys().next().value!)
    return all
  }

  function spend(ip: string, sent: number): void {
    bytes.set(ip, (bytes.get(ip) ?? 0) - sent)
  }

  return { add, spend, clear: () => bytes.clear() }
}
