/** What a client sends, for tests: a TNS packet whose length has 16 bits. */
export function packet(type: number, body: Buffer): Buffer {
  const header = Buffer.alloc(8)
  header.writeUInt16BE(8 + body.length, 0)
  header[4] = type
  return Buffer.concat([header, body])
}

/** CONNECT of an older client: versions 312 down to 300, the description behind 58 bytes; or in a packet of its own. */
export function connect(description: string, apart = false): Buffer {
  const text = Buffer.from(description, 'latin1')
  const body = Buffer.alloc(50)
  body.writeUInt16BE(312, 0)
  body.writeUInt16BE(300, 2)
  body.writeUInt16BE(2048, 6)
  body.writeUInt16BE(32_767, 8)
  body.writeUInt16BE(text.length, 16)
  body.writeUInt16BE(58, 18)
  return apart
    ? Buffer.concat([packet(1, body), packet(6, Buffer.concat([Buffer.alloc(2), text]))])
    : packet(1, Buffer.concat([body, text]))
}
