import type { Program } from '../../system.ts'
import { createDesk, type Desk, Done } from './keys/desk.ts'
import { changeComment, changePassphrase, generate, hostKeys } from './keys/make.ts'
import {
  certificate,
  dnsRecords,
  exported,
  findHost,
  fingerprints,
  forgetHost,
  hashHosts,
  imported,
  publicHalf,
} from './keys/show.ts'
import { log, parseOptions } from './usage.ts'

const spec = 'ABHKLQUXceghiklopquvyC:D:E:F:I:M:N:O:P:R:V:Y:Z:a:b:f:g:m:n:r:s:t:w:z:'
const usage = `usage: ssh-keygen [-q] [-a rounds] [-b bits] [-C comment] [-f output_keyfile]
                  [-m format] [-N new_passphrase] [-O option]
                  [-t dsa | ecdsa | ecdsa-sk | ed25519 | ed25519-sk | rsa]
                  [-w provider] [-Z cipher]
       ssh-keygen -p [-a rounds] [-f keyfile] [-m format] [-N new_passphrase]
                   [-P old_passphrase] [-Z cipher]
       ssh-keygen -i [-f input_keyfile] [-m key_format]
       ssh-keygen -e [-f input_keyfile] [-m key_format]
       ssh-keygen -y [-f input_keyfile]
       ssh-keygen -c [-a rounds] [-C comment] [-f keyfile] [-P passphrase]
       ssh-keygen -l [-v] [-E fingerprint_hash] [-f input_keyfile]
       ssh-keygen -B [-f input_keyfile]
       ssh-keygen -D pkcs11
       ssh-keygen -F hostname [-lv] [-f known_hosts_file]
       ssh-keygen -H [-f known_hosts_file]
       ssh-keygen -K [-a rounds] [-w provider]
       ssh-keygen -R hostname [-f known_hosts_file]
       ssh-keygen -r hostname [-g] [-f input_keyfile]
       ssh-keygen -M generate [-O option] output_file
       ssh-keygen -M screen [-f input_file] [-O option] output_file
       ssh-keygen -I certificate_identity -s ca_key [-hU] [-D pkcs11_provider]
                  [-n principals] [-O option] [-V validity_interval]
                  [-z serial_number] file ...
       ssh-keygen -L [-f input_keyfile]
       ssh-keygen -A [-a rounds] [-f prefix_path]
       ssh-keygen -k -f krl_file [-u] [-s ca_public] [-z version_number]
                  file ...
       ssh-keygen -Q [-l] -f krl_file [file ...]
       ssh-keygen -Y find-principals -s signature_file -f allowed_signers_file
       ssh-keygen -Y match-principals -I signer_identity -f allowed_signers_file
       ssh-keygen -Y check-novalidate -n namespace -s signature_file
       ssh-keygen -Y sign -f key_file -n namespace file [-O option] ...
       ssh-keygen -Y verify -f allowed_signers_file -I signer_identity
                  -n namespace -s signature_file [-r krl_file] [-O option]
`

/** ssh-keygen(1) of OpenSSH 9.2: keys that work, and what is told about them. Certificates and signatures it leaves. */
export const sshKeygen: Program = async process => {
  const parsed = parseOptions(process.argv, spec)
  if (typeof parsed === 'string' || parsed.operands.length > 0) {
    await log(process, typeof parsed === 'string' ? parsed : 'Too many arguments.')
    await process.stderr.write(usage)
    return 1
  }
  const desk = createDesk(process, parsed)
  try {
    return await errand(desk)
  } catch (error) {
    if (error instanceof Done) return error.status
    throw error
  }
}

const errand = (desk: Desk): Promise<number> => {
  const { has, value } = desk.options
  const host = value('F') ?? value('R')
  if (value('F') !== undefined) return findHost(desk, host!)
  if (value('R') !== undefined) return forgetHost(desk, host!)
  if (has('H')) return hashHosts(desk)
  if (has('A')) return hostKeys(desk)
  if (has('l') || has('B')) return fingerprints(desk)
  if (has('y')) return publicHalf(desk)
  if (has('p')) return changePassphrase(desk)
  if (has('c')) return changeComment(desk)
  if (has('e')) return exported(desk)
  if (has('i')) return imported(desk)
  if (has('L')) return certificate(desk)
  if (value('r') !== undefined) return dnsRecords(desk)
  return generate(desk)
}
