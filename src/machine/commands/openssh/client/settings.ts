/** ssh_config(5) of OpenSSH 9.2, in lower case. */
const keywords = new Set(
  `addkeystoagent addressfamily batchmode bindaddress bindinterface casignaturealgorithms canonicaldomains
   canonicalizefallbacklocal canonicalizehostname canonicalizemaxdots canonicalizepermittedcnames certificatefile
   challengeresponseauthentication checkhostip cipher ciphers clearallforwardings compression connecttimeout
   connectionattempts controlmaster controlpath controlpersist dynamicforward enableescapecommandline enablesshkeysign
   escapechar exitonforwardfailure fingerprinthash forkafterauthentication forwardagent forwardx11 forwardx11timeout
   forwardx11trusted gssapiauthentication gssapiclientidentity gssapidelegatecredentials gssapikexalgorithms
   gssapikeyexchange gssapirenewalforcesrekey gssapiserveridentity gssapitrustdns gatewayports globalknownhostsfile
   hashknownhosts host hostkeyalgorithms hostkeyalias hostbasedacceptedalgorithms hostbasedauthentication
   hostbasedkeytypes hostname ipqos identitiesonly identityagent identityfile ignoreunknown include
   kbdinteractiveauthentication kbdinteractivedevices kexalgorithms knownhostscommand localcommand localforward loglevel
   logverbose macs match nohostauthenticationforlocalhost numberofpasswordprompts pkcs11provider passwordauthentication
   permitlocalcommand permitremoteopen port preferredauthentications protocol proxycommand proxyjump proxyusefdpass
   pubkeyacceptedalgorithms pubkeyacceptedkeytypes pubkeyauthentication rekeylimit remotecommand remoteforward requesttty
   requiredrsasize revokedhostkeys rhostsrsaauthentication rsaauthentication securitykeyprovider sendenv
   serveralivecountmax serveraliveinterval sessiontype setenv skeyauthentication stdinnull streamlocalbindmask
   streamlocalbindunlink stricthostkeychecking syslogfacility tcpkeepalive tunnel tunneldevice updatehostkeys
   useprivilegedport user userknownhostsfile verifyhostkeydns visualhostkey xauthlocation`
    .trim()
    .split(/\s+/),
)

/** What options say of a connection; the first word on anything counts, as in ssh_config(5). Values as given. */
export type Settings = {
  get(keyword: string): string | undefined
  /** True when nothing was said before. */
  set(keyword: string, value: string): boolean
}

export const createSettings = (): Settings => {
  const values = new Map<string, string>()
  return {
    get: keyword => values.get(keyword),
    set(keyword, value) {
      if (values.has(keyword)) return false
      values.set(keyword, value)
      return true
    },
  }
}

const answers = new Map([
  ['yes', 'yes'],
  ['true', 'yes'],
  ['no', 'no'],
  ['false', 'no'],
])
const checking = new Set(['yes', 'true', 'no', 'false', 'off', 'ask', 'accept-new'])
const flags = new Set([
  'batchmode',
  'passwordauthentication',
  'pubkeyauthentication',
  'kbdinteractiveauthentication',
  'checkhostip',
  'tcpkeepalive',
  'identitiesonly',
  'exitonforwardfailure',
])

/** `-o Keyword=value`; what is wrong with it as ssh(1) says. */
export const setOption = (settings: Settings, text: string): string | undefined => {
  const [, name = '', rest = ''] = /^\s*([^\s=]*)\s*=?\s*(.*)$/s.exec(text) ?? []
  const keyword = name.toLowerCase()
  if (keyword === '' || keyword.startsWith('#')) return undefined
  if (!keywords.has(keyword)) return `command-line: line 0: Bad configuration option: ${keyword}`
  const value = rest.replace(/\s+$/, '').replace(/^"(.*)"$/s, '$1')
  if (value === '') return `command-line line 0: no argument after keyword "${keyword}"`
  if (keyword === 'port' && portOf(value) === undefined) return `command-line line 0: Bad port '${value}'.`
  const isChecking = keyword === 'stricthostkeychecking' && !checking.has(value.toLowerCase())
  if (isChecking || (flags.has(keyword) && !answers.has(value.toLowerCase())))
    return `command-line line 0: unsupported option "${value}".`
  settings.set(keyword, value)
  return undefined
}

/** A port as a2port takes it: a number, or the name of a service that everybody has. */
export const portOf = (text: string): number | undefined => {
  if (text === 'ssh') return 22
  if (!/^\d{1,5}$/.test(text)) return undefined
  const port = Number(text)
  return port > 0 && port < 65_536 ? port : undefined
}

export const isYes = (value: string | undefined): boolean => answers.get(value?.toLowerCase() ?? '') === 'yes'
export const isNo = (value: string | undefined): boolean => answers.get(value?.toLowerCase() ?? '') === 'no'

/** `user@host`, `user@[address]` or `ssh://user@host:port`. */
export type Destination = { user: string | undefined; host: string; port: number | undefined }

export const destinationOf = (text: string, scheme: string): Destination => {
  const isUri = text.startsWith(`${scheme}://`)
  const body = isUri ? text.slice(scheme.length + 3).replace(/\/.*$/s, '') : text
  const at = body.lastIndexOf('@')
  const user = at < 0 ? undefined : body.slice(0, at)
  const where = body.slice(at + 1)
  if (isUri) {
    const [, host = '', port] = /^(\[[^\]]*\]|[^:]*)(?::(\d+))?$/.exec(where) ?? []
    return { user, host: bare(host), port: port === undefined ? undefined : portOf(port) }
  }
  return { user, host: bare(where), port: undefined }
}

/** Without the brackets of an address. */
export const bare = (host: string): string => (/^\[.*\]$/s.test(host) ? host.slice(1, -1) : host)

/** valid_hostname: what could be taken for an option, or for the shell's. */
export const isHostName = (host: string): boolean => !host.startsWith('-') && !/['`"$\\;&<>|(){}\s\0]/.test(host)
