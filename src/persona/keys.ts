import { generateKeyPair, type KeyObject } from 'node:crypto'
import { promisify } from 'node:util'

const generate = promisify(generateKeyPair)

/** Private keys, PKCS#8 PEM: what no seed can give again. */
export type Keys = {
  /** As Debian's openssh-server makes them at installation: Ed25519, ECDSA P-256, RSA 3072. */
  host: { ed25519: string; ecdsa: string; rsa: string }
  /** Of ssl-cert's snakeoil certificate and of the one the owner made: RSA 2048. */
  snakeoil: string
  own: string
}

/** Runs on the thread pool, all at once; the RSA keys take most of the time. */
export const makeKeys = async (): Promise<Keys> => {
  const rsa = (modulusLength: number) => generate('rsa', { modulusLength })
  const [hostRsa, snakeoil, own, ed25519, ecdsa] = await Promise.all([
    rsa(3072),
    rsa(2048),
    rsa(2048),
    generate('ed25519'),
    generate('ec', { namedCurve: 'P-256' }),
  ])
  const pem = ({ privateKey }: { privateKey: KeyObject }): string =>
    privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
  return {
    host: { ed25519: pem(ed25519), ecdsa: pem(ecdsa), rsa: pem(hostRsa) },
    snakeoil: pem(snakeoil),
    own: pem(own),
  }
}
