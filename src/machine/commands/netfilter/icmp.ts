/** Types and codes of ICMP as iptables' match names them (iptables-extensions(8)). */
const types: readonly (readonly [names: readonly string[], type: number, code?: number])[] = [
  [['any'], 255],
  [['echo-reply', 'pong'], 0],
  [['destination-unreachable'], 3],
  [['network-unreachable'], 3, 0],
  [['host-unreachable'], 3, 1],
  [['protocol-unreachable'], 3, 2],
  [['port-unreachable'], 3, 3],
  [['fragmentation-needed'], 3, 4],
  [['source-route-failed'], 3, 5],
  [['network-unknown'], 3, 6],
  [['host-unknown'], 3, 7],
  [['network-prohibited'], 3, 9],
  [['host-prohibited'], 3, 10],
  [['TOS-network-unreachable'], 3, 11],
  [['TOS-host-unreachable'], 3, 12],
  [['communication-prohibited'], 3, 13],
  [['host-precedence-violation'], 3, 14],
  [['precedence-cutoff'], 3, 15],
  [['source-quench'], 4],
  [['redirect'], 5],
  [['network-redirect'], 5, 0],
  [['host-redirect'], 5, 1],
  [['TOS-network-redirect'], 5, 2],
  [['TOS-host-redirect'], 5, 3],
  [['echo-request', 'ping'], 8],
  [['router-advertisement'], 9],
  [['router-solicitation'], 10],
  [['time-exceeded', 'ttl-exceeded'], 11],
  [['ttl-zero-during-transit'], 11, 0],
  [['ttl-zero-during-reassembly'], 11, 1],
  [['parameter-problem'], 12],
  [['ip-header-bad'], 12, 0],
  [['required-option-missing'], 12, 1],
  [['timestamp-request'], 13],
  [['timestamp-reply'], 14],
  [['address-mask-request'], 17],
  [['address-mask-reply'], 18],
]

/** `8`, `3/1`, `echo-request` as a rule writes and lists it; `undefined` for what is no type. */
export const icmpType = (
  text: string,
  negated: boolean,
): { spec: string; listed: string; named: string } | undefined => {
  const [, number, numberedCode] = /^(\d{1,3})(?:\/(\d{1,3}))?$/.exec(text) ?? []
  const entry =
    number === undefined
      ? types.find(([names]) => names.some(name => name.toLowerCase() === text.toLowerCase()))
      : ([[], Number(number), numberedCode === undefined ? undefined : Number(numberedCode)] as const)
  if (!entry || entry[1] > 255 || (entry[2] ?? 0) > 255) return undefined
  const [, type, code] = entry
  const [name = `type ${type}${code === undefined ? '' : ` code ${code}`}`] =
    types.find(([, other, otherCode]) => other === type && otherCode === code)?.[0] ?? []
  const written = type === 255 ? 'any' : `${type}${code === undefined ? '' : `/${code}`}`
  const listed = `type ${type}${code === undefined ? '' : ` code ${code}`}`
  return {
    spec: `${negated ? '! ' : ''}--icmp-type ${written}`,
    listed: negated ? `icmp !${listed}` : `icmp${listed}`,
    named: `icmp ${negated ? '!' : ''}${name}`,
  }
}
