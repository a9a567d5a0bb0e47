import { explicit, objectIdentifier, octetString, sequence } from '#codec/der.ts'

const SIGNATURE = Buffer.from('NTLMSSP\0', 'latin1')
/** 1.3.6.1.4.1.311.2.2.10. */
const NTLM = objectIdentifier('1.3.6.1.4.1.311.2.2.10')

/** The NTLM message in what a client sent, bare or in SPNEGO's tokens (RFC 4178); `undefined` when there is none. */
export function challengeIn(blob: Buffer): { message: Buffer; wrapped: boolean } | undefined {
  const at = blob.indexOf(SIGNATURE)
  if (at < 0 || at > 256) return undefined
  return { message: blob.subarray(at), wrapped: at > 0 }
}

/** NegTokenResp: accept-incomplete, NTLM, and the challenge (RFC 4178 §4.2.2). */
export const spnegoChallenge = (message: Buffer): Buffer =>
  explicit(1, sequence(explicit(0, Buffer.of(0x0a, 1, 1)), explicit(1, NTLM), explicit(2, octetString(message))))
