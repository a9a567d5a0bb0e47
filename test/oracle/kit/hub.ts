import { Duplex } from 'node:stream'

/**
 * Several connections of one client as one stream, for `converse`: what is written begins with the connection's digit and
 * a colon, and so does what is heard. A connection is made when its digit first comes (again after it closed).
 */
export function hub(dial: () => Duplex | Promise<Duplex>): Duplex {
  const wires = new Map<string, Duplex>()
  const said = (name: string, what: string) => {
    if (!all.destroyed) all.push(Buffer.from(`${name}:${what}\n`, 'latin1'))
  }
  const open = async (name: string): Promise<Duplex> => {
    const wire = await dial()
    wires.set(name, wire)
    let over = false
    const end = () => {
      if (!over) said(name, 'closed')
      over = true
      if (wires.get(name) === wire) wires.delete(name)
      wire.destroy()
    }
    wire.on('data', (bytes: Buffer) => said(name, bytes.toString('hex')))
    wire.on('end', end)
    wire.on('close', end)
    wire.on('error', end)
    return wire
  }
  const all = new Duplex({
    read() {},
    async write(chunk: Buffer, _encoding, done) {
      const [name, bytes] = [String.fromCharCode(chunk[0]!), chunk.subarray(2)]
      const wire = wires.get(name) ?? (await open(name))
      if (bytes.toString('latin1') === CUT) wire.destroy()
      else if (bytes.length > 0) wire.write(bytes)
      done()
    },
    destroy(error, done) {
      for (const wire of wires.values()) wire.destroy()
      done(error)
    },
  })
  return all
}

/** Instead of bytes: the connection breaks off. */
export const CUT = '\0cut\0'

/** What each connection heard, in the order of their names: between two connections there is no order. */
export function byConnection(heard: string): Map<string, { bytes: Buffer; closed: boolean }> {
  const found = new Map<string, { bytes: Buffer; closed: boolean }>()
  for (const line of heard.split('\n').filter(Boolean)) {
    const [name = '', what = ''] = line.split(':')
    const one = found.get(name) ?? { bytes: Buffer.alloc(0), closed: false }
    if (what === 'closed') one.closed = true
    else one.bytes = Buffer.concat([one.bytes, Buffer.from(what, 'hex')])
    found.set(name, one)
  }
  return new Map([...found].sort(([a], [b]) => (a < b ? -1 : 1)))
}
