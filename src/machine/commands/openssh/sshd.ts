import type { Process, Program } from '../../system.ts'
import { absolute, attempt, statOf } from '../paths.ts'
import { log, parseOptions } from './usage.ts'
import { opensshText, opensslText } from './version.ts'

const usage = `usage: sshd [-46DdeiqTtV] [-C connection_spec] [-c host_cert_file]
            [-E log_file] [-f config_file] [-g login_grace_time]
            [-h host_key_file] [-o option] [-p port] [-u len]
`
const configFile = '/etc/ssh/sshd_config'

/** sshd(8) as somebody at a shell may call it: its version, a look at its configuration, and a port that is taken. */
export const sshd: Program = async process => {
  const called = process.argv[0] ?? ''
  const parsed = parseOptions(process.argv, 'C:E:b:c:f:g:h:k:o:p:u:46DQRTdeiqrtV')
  const { persona } = process.host
  const library = opensslText(persona)
  if (typeof parsed === 'string') {
    await log(process, parsed)
    await process.stderr.write(`${opensshText(persona)}, ${library}\n${usage}`)
    return 1
  }
  if (parsed.has('V')) {
    await process.stderr.write(`OpenSSH_${persona.software.ssh.version.replace(/p\d+$/, '')}, ${library}\n`)
    return 0
  }
  if (!called.startsWith('/')) {
    await log(process, 'sshd re-exec requires execution with an absolute path')
    return 255
  }
  if (parsed.operands.length > 0) {
    await process.stderr.write(`Extra argument ${parsed.operands[0]}.\n`)
    return 1
  }
  const file = parsed.value('f') ?? configFile
  const text = attempt(() => process.fs.readFile(absolute(process, file), process.who, { max: 1 << 18 }))
  if ('error' in text) {
    await log(process, `${file}: ${text.error}`)
    return 1
  }
  if (process.who.uid !== 0 && !statOf(process, '/etc/ssh/ssh_host_rsa_key')) {
    await log(process, 'sshd: no hostkeys available -- exiting.')
    return 1
  }
  const lines = settingsIn(text.value.toString('latin1'))
  if (parsed.has('t')) return 0
  if (parsed.has('T')) {
    await process.stdout.write(effective(lines))
    return 0
  }
  return busy(process, Number(parsed.value('p') ?? lines.get('port') ?? 22))
}

/** Nobody gets a second one to listen where the first does. */
const busy = async (process: Process, port: number): Promise<number> => {
  process.host.witness.connection({ host: '0.0.0.0', port, tool: 'sshd' })
  // Started as a daemon it says so to the log, and the shell hears of success.
  return port === 22 ? 255 : 0
}

/** Lines of a configuration that are looked at. */
const mostLines = 2000

/** The first value of each keyword outside Match blocks. */
const settingsIn = (text: string): Map<string, string> => {
  const found = new Map<string, string>()
  for (const line of text.split('\n', mostLines)) {
    const [, keyword = '', value = ''] = /^\s*([A-Za-z]\w*)\s*[\s=]\s*(.*?)\s*$/.exec(line) ?? []
    if (keyword.toLowerCase() === 'match') break
    if (keyword !== '' && !found.has(keyword.toLowerCase())) found.set(keyword.toLowerCase(), value)
  }
  return found
}

/** `sshd -T`: what people look up there, as Debian 12 has it by default. */
const defaults: readonly (readonly [keyword: string, value: string])[] = `
port 22
addressfamily any
listenaddress [::]:22
listenaddress 0.0.0.0:22
usepam yes
logingracetime 120
x11displayoffset 10
maxauthtries 6
maxsessions 10
clientaliveinterval 0
clientalivecountmax 3
requiredrsasize 1024
streamlocalbindmask 0177
permitrootlogin without-password
ignorerhosts yes
ignoreuserknownhosts no
hostbasedauthentication no
hostbasedusesnamefrompacketonly no
pubkeyauthentication yes
kerberosauthentication no
kerberosorlocalpasswd yes
kerberosticketcleanup yes
gssapiauthentication no
gssapikeyexchange no
gssapicleanupcredentials yes
gssapistrictacceptorcheck yes
gssapistorecredentialsonrekey no
passwordauthentication yes
kbdinteractiveauthentication yes
printmotd yes
printlastlog yes
x11forwarding no
x11uselocalhost yes
permittty yes
permituserrc yes
strictmodes yes
tcpkeepalive yes
permitemptypasswords no
compression yes
gatewayports no
usedns no
allowtcpforwarding yes
allowagentforwarding yes
disableforwarding no
allowstreamlocalforwarding yes
streamlocalbindunlink no
fingerprinthash SHA256
exposeauthinfo no
pidfile /run/sshd.pid
modulifile /etc/ssh/moduli
xauthlocation /usr/bin/xauth
banner none
forcecommand none
chrootdirectory none
trustedusercakeys none
revokedkeys none
securitykeyprovider internal
authorizedprincipalsfile none
versionaddendum none
authorizedkeyscommand none
authorizedkeyscommanduser none
authorizedprincipalscommand none
authorizedprincipalscommanduser none
hostkeyagent none
loglevel INFO
syslogfacility AUTH
authorizedkeysfile .ssh/authorized_keys .ssh/authorized_keys2
hostkey /etc/ssh/ssh_host_rsa_key
hostkey /etc/ssh/ssh_host_ecdsa_key
hostkey /etc/ssh/ssh_host_ed25519_key
maxstartups 10:30:100
persourcemaxstartups none
persourcenetblocksize 32:128
permittunnel no
ipqos lowdelay throughput
rekeylimit 0 0
permitopen any
permitlisten any
permituserenvironment no`
  .trim()
  .split('\n')
  .map(line => [line.slice(0, line.indexOf(' ')), line.slice(line.indexOf(' ') + 1)] as const)

const effective = (given: ReadonlyMap<string, string>): string => {
  const word = (keyword: string, value: string): string =>
    keyword === 'permitrootlogin' && value === 'prohibit-password' ? 'without-password' : value
  return defaults.map(([keyword, value]) => `${keyword} ${word(keyword, given.get(keyword) ?? value)}\n`).join('')
}
