import { getopt, type Option, type Parsed } from '../getopt.ts'

/** Long options of wget(1) 1.21.3; `x:` its letter, `=` takes an argument, all others are switches. */
const table = `V:version h:help b:background e:execute= o:output-file= a:append-output= d:debug q:quiet v:verbose
  report-speed= i:input-file= F:force-html B:base= config= rejected-log= t:tries= retry-connrefused
  retry-on-host-error retry-on-http-error= O:output-document= netrc c:continue start-pos= progress= show-progress
  N:timestamping if-modified-since use-server-timestamps S:server-response spider T:timeout= dns-timeout=
  connect-timeout= read-timeout= w:wait= waitretry= random-wait proxy Q:quota= bind-address= limit-rate= dns-cache
  restrict-file-names= ignore-case 4:inet4-only 6:inet6-only prefer-family= user= password= ask-password use-askpass=
  iri local-encoding= remote-encoding= unlink xattr x:force-directories protocol-directories P:directory-prefix=
  cut-dirs= http-user= http-password= http-passwd= cache default-page= E:adjust-extension html-extension
  ignore-length header= compression= max-redirect= proxy-user= proxy-password= proxy-passwd= referer= save-headers
  U:user-agent= http-keep-alive cookies load-cookies= save-cookies= keep-session-cookies post-data= post-file= method=
  body-data= body-file= content-disposition content-on-error auth-no-challenge secure-protocol= https-only
  check-certificate certificate= certificate-type= private-key= private-key-type= ca-certificate= ca-directory=
  crl-file= pinnedpubkey= ciphers= random-file= egd-file= hsts hsts-file= ftp-user= ftp-password= remove-listing glob
  passive-ftp preserve-permissions retr-symlinks ftps-implicit ftps-resume-ssl ftps-clear-data-connection
  ftps-fallback-to-ftp warc-file= warc-header= warc-max-size= warc-cdx warc-dedup= warc-compression warc-digests
  warc-keep-log warc-tempdir= r:recursive l:level= delete-after k:convert-links convert-file-only backups=
  K:backup-converted m:mirror p:page-requisites strict-comments A:accept= R:reject= accept-regex= reject-regex=
  regex-type= D:domains= exclude-domains= follow-ftp follow-tags= ignore-tags= H:span-hosts L:relative
  I:include-directories= trust-server-names X:exclude-directories= n:no= clobber directories
  host-directories parent`

const options: Option[] = table
  .trim()
  .split(/\s+/)
  .flatMap(entry => {
    const [, letter, long = '', argument] = /^(?:(.):)?([a-z0-9-]+)(=?)$/.exec(entry)!
    const option: Option = { long, ...(letter ? { short: letter } : {}) }
    if (argument) return [{ ...option, argument: 'required' as const }]
    return [option, { long: `no-${long}` }]
  })
  // Letters of old that took `on` or `off`.
  .concat([
    { short: 'Y', argument: 'required' },
    { short: 'C', argument: 'required' },
  ])
const settings = new Set([
  ...options.map(({ long = '' }) => long.replaceAll('-', '')),
  ...['robots', 'httpproxy', 'httpsproxy', 'ftpproxy', 'dotstyle', 'dotbytes', 'noclobber', 'dirstruct', 'logfile'],
  ...['outputdocument', 'input', 'adddirstruct', 'connecttimeout', 'useragent', 'checkcertificate', 'noparent'],
])

export type WgetOptions = Parsed & {
  verbosity: 'quiet' | 'short' | 'full'
  noClobber: boolean
  timeout: number
  tries: number
}
export type Mistake = { message: string; status: number }

const usage = 'Usage: wget [OPTION]... [URL]...\n'
const more = `${usage}\nTry \`wget --help' for more options.\n`

const period = (text: string): number | undefined => {
  const found = /^(\d+(?:\.\d+)?|\.\d+)([smhdw]?)$/.exec(text)
  if (!found) return undefined
  const unit = { '': 1, s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 }[found[2] as '' | 's']
  return Number(found[1]) * unit
}

/** The command line as wget understands it, or what it says about it. */
export const wgetOptions = (argv: readonly string[]): WgetOptions | Mistake => {
  const name = argv[0] ?? 'wget'
  const parsed = getopt(argv, options)
  if (typeof parsed === 'string') return { message: `${parsed}\n${more}`, status: 2 }
  let noVerbose = false
  let noClobber = parsed.has('no-clobber')
  for (const { name: option, value = '' } of parsed.given) {
    if (option === 'no') {
      for (const letter of value) {
        if (letter === 'v') noVerbose = true
        else if (letter === 'c') noClobber = true
        else if (!'dHp'.includes(letter))
          return { message: `${name}: illegal option -- \`-n${letter}'\n${more}`, status: 1 }
      }
    }
    if (option === 'execute') {
      const setting = /^\s*([\w-]+)\s*=/.exec(value)?.[1]
      if (setting === undefined || !settings.has(setting.toLowerCase().replace(/[-_]/g, '')))
        return { message: `${name}: Invalid --execute command '${value}'\n`, status: 2 }
    }
    if (
      /^(timeout|dns-timeout|connect-timeout|read-timeout|wait|waitretry)$/.test(option) &&
      period(value) === undefined
    )
      return { message: `${name}: --${option}: Invalid time period '${value}'\n`, status: 2 }
    if ((option === 'quota' || option === 'limit-rate') && !/^(\d+(\.\d+)?[kmgt]?|inf)$/i.test(value))
      return { message: `${name}: --${option}: Invalid byte value '${value}'\n`, status: 2 }
    if (option === 'progress' && !/^(dot|bar)(:|$)/.test(value))
      return { message: `${name}: --progress: Invalid progress type '${value}'.\n`, status: 2 }
  }
  if (parsed.has('verbose') && parsed.has('quiet'))
    return { message: `Can't be verbose and quiet at the same time.\n${usage}`, status: 1 }
  if (parsed.has('post-data') && parsed.has('post-file'))
    return { message: 'You cannot specify both --post-data and --post-file.\n', status: 1 }
  if (parsed.has('no-verbose')) noVerbose = true
  const asked = parsed.has('help') || parsed.has('version')
  if (parsed.operands.length === 0 && !parsed.has('input-file') && !asked)
    return { message: `${name}: missing URL\n${more}`, status: 1 }
  const tries = Number(parsed.value('tries') ?? 20)
  return {
    ...parsed,
    noClobber,
    verbosity: parsed.has('quiet') ? 'quiet' : noVerbose ? 'short' : 'full',
    timeout: period(parsed.value('connect-timeout') ?? parsed.value('timeout') ?? '0') ?? 0,
    tries: Number.isInteger(tries) && tries > 0 ? Math.min(tries, 1000) : 20,
  }
}

/** The names of all options, for --help of this version. */
export const wgetHelp = (version: string): string =>
  `GNU Wget ${version}, a non-interactive network retriever.\n${usage}\nMandatory arguments to long options are mandatory for short options too.\n\n${options
    .filter(({ long }) => long && !long.startsWith('no-') && long !== 'no')
    .map(({ short, long, argument }) => `  ${short ? `-${short},` : '   '}  --${long}${argument ? '=VALUE' : ''}`)
    .join('\n')}\n`
