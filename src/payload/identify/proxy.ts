/** Bytes of a request that tell. */
export const PROXY_TELLS = 16

/** Is this the beginning of a request to a proxy: CONNECT, or a whole URL (RFC 9112 §3.2.2, §3.2.3)? */
export const asksForProxy = (begin: Buffer): boolean =>
  /^(?:CONNECT [^/\s]|[A-Z]{3,8} https?:\/\/?)/.test(begin.toString('latin1', 0, PROXY_TELLS))
