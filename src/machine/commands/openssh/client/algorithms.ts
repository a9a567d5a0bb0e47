/** What `ssh -Q` of OpenSSH 9.2 on Debian 12 knows, by question. */
const lists: Record<string, string> = {
  cipher: `3des-cbc aes128-cbc aes192-cbc aes256-cbc aes128-ctr aes192-ctr aes256-ctr aes128-gcm@openssh.com
    aes256-gcm@openssh.com chacha20-poly1305@openssh.com`,
  'cipher-auth': `aes128-gcm@openssh.com aes256-gcm@openssh.com chacha20-poly1305@openssh.com`,
  compression: `none zlib@openssh.com zlib`,
  kex: `diffie-hellman-group1-sha1 diffie-hellman-group14-sha1 diffie-hellman-group14-sha256
    diffie-hellman-group16-sha512 diffie-hellman-group18-sha512 diffie-hellman-group-exchange-sha1
    diffie-hellman-group-exchange-sha256 ecdh-sha2-nistp256 ecdh-sha2-nistp384 ecdh-sha2-nistp521
    curve25519-sha256 curve25519-sha256@libssh.org sntrup761x25519-sha512 sntrup761x25519-sha512@openssh.com`,
  'kex-gss': `gss-gex-sha1- gss-group1-sha1- gss-group14-sha1- gss-group14-sha256- gss-group16-sha512-
    gss-nistp256-sha256- gss-curve25519-sha256-`,
  key: `ssh-ed25519 ssh-ed25519-cert-v01@openssh.com sk-ssh-ed25519@openssh.com
    sk-ssh-ed25519-cert-v01@openssh.com ecdsa-sha2-nistp256 ecdsa-sha2-nistp256-cert-v01@openssh.com
    ecdsa-sha2-nistp384 ecdsa-sha2-nistp384-cert-v01@openssh.com ecdsa-sha2-nistp521
    ecdsa-sha2-nistp521-cert-v01@openssh.com sk-ecdsa-sha2-nistp256@openssh.com
    sk-ecdsa-sha2-nistp256-cert-v01@openssh.com ssh-dss ssh-dss-cert-v01@openssh.com ssh-rsa
    ssh-rsa-cert-v01@openssh.com`,
  'key-cert': `ssh-ed25519-cert-v01@openssh.com sk-ssh-ed25519-cert-v01@openssh.com
    ecdsa-sha2-nistp256-cert-v01@openssh.com ecdsa-sha2-nistp384-cert-v01@openssh.com
    ecdsa-sha2-nistp521-cert-v01@openssh.com sk-ecdsa-sha2-nistp256-cert-v01@openssh.com
    ssh-dss-cert-v01@openssh.com ssh-rsa-cert-v01@openssh.com`,
  'key-plain': `ssh-ed25519 sk-ssh-ed25519@openssh.com ecdsa-sha2-nistp256 ecdsa-sha2-nistp384 ecdsa-sha2-nistp521
    sk-ecdsa-sha2-nistp256@openssh.com ssh-dss ssh-rsa`,
  mac: `hmac-sha1 hmac-sha1-96 hmac-sha2-256 hmac-sha2-512 hmac-md5 hmac-md5-96 umac-64@openssh.com
    umac-128@openssh.com hmac-sha1-etm@openssh.com hmac-sha1-96-etm@openssh.com hmac-sha2-256-etm@openssh.com
    hmac-sha2-512-etm@openssh.com hmac-md5-etm@openssh.com hmac-md5-96-etm@openssh.com
    umac-64-etm@openssh.com umac-128-etm@openssh.com`,
  'protocol-version': `2`,
  sig: `ssh-ed25519 sk-ssh-ed25519@openssh.com ecdsa-sha2-nistp256 ecdsa-sha2-nistp384 ecdsa-sha2-nistp521
    sk-ecdsa-sha2-nistp256@openssh.com webauthn-sk-ecdsa-sha2-nistp256@openssh.com ssh-dss ssh-rsa
    rsa-sha2-256 rsa-sha2-512`,
  hostkeyalgorithms: `ssh-ed25519 ssh-ed25519-cert-v01@openssh.com sk-ssh-ed25519@openssh.com
    sk-ssh-ed25519-cert-v01@openssh.com ecdsa-sha2-nistp256 ecdsa-sha2-nistp256-cert-v01@openssh.com
    ecdsa-sha2-nistp384 ecdsa-sha2-nistp384-cert-v01@openssh.com ecdsa-sha2-nistp521
    ecdsa-sha2-nistp521-cert-v01@openssh.com sk-ecdsa-sha2-nistp256@openssh.com
    sk-ecdsa-sha2-nistp256-cert-v01@openssh.com webauthn-sk-ecdsa-sha2-nistp256@openssh.com ssh-dss
    ssh-dss-cert-v01@openssh.com ssh-rsa ssh-rsa-cert-v01@openssh.com rsa-sha2-256
    rsa-sha2-256-cert-v01@openssh.com rsa-sha2-512 rsa-sha2-512-cert-v01@openssh.com`,
}
/** Keywords of ssh_config(5) ask the same. */
const aliases = new Map([
  ['ciphers', 'cipher'],
  ['macs', 'mac'],
  ['kexalgorithms', 'kex'],
  ['gssapikexalgorithms', 'kex-gss'],
  ['pubkeyacceptedalgorithms', 'hostkeyalgorithms'],
  ['pubkeyacceptedkeytypes', 'hostkeyalgorithms'],
  ['hostkeyalgorithms', 'hostkeyalgorithms'],
  ['hostbasedkeytypes', 'hostkeyalgorithms'],
  ['hostbasedacceptedalgorithms', 'hostkeyalgorithms'],
  ['hostbasedacceptedkeytypes', 'hostkeyalgorithms'],
  ['key-sig', 'sig'],
])
const found = new Map(Object.entries(lists).map(([name, list]) => [name, list.split(/\s+/)]))

/** The algorithms that a question of `ssh -Q` is about. */
export const algorithms = (question: string): readonly string[] | undefined => {
  const name = question.toLowerCase()
  if (name === 'help')
    return [
      'cipher',
      'cipher-auth',
      'compression',
      'kex',
      'kex-gss',
      'key',
      'key-cert',
      'key-plain',
      'key-sig',
      'mac',
      'protocol-version',
      'sig',
    ]
  return found.get(aliases.get(name) ?? name)
}
