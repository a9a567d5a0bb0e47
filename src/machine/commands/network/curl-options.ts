import { attempt } from '../paths.ts'

/** Options of curl(1) 7.88.1: `x:` the letter, `=` takes an argument, all others are switches with a `no-` form. */
const table = `abstract-unix-socket= alt-svc= anyauth a:append aws-sigv4= basic cacert= capath= E:cert= cert-status
  cert-type= ciphers= compressed compressed-ssh K:config= connect-timeout= connect-to= C:continue-at= b:cookie=
  c:cookie-jar= create-dirs create-file-mode= crlf crlfile= curves= d:data= data-ascii= data-binary= data-raw=
  data-urlencode= delegation= digest q:disable disable-eprt disable-epsv disallow-username-in-url dns-interface=
  dns-ipv4-addr= dns-ipv6-addr= dns-servers= doh-cert-status doh-insecure doh-url= D:dump-header= egd-file= engine=
  etag-compare= etag-save= expect100-timeout= f:fail fail-early fail-with-body false-start F:form= form-escape
  form-string= ftp-account= ftp-alternative-to-user= ftp-create-dirs ftp-method= ftp-pasv P:ftp-port= ftp-pret
  ftp-skip-pasv-ip ftp-ssl ftp-ssl-ccc ftp-ssl-ccc-mode= ftp-ssl-control ftp-ssl-reqd G:get g:globoff
  happy-eyeballs-timeout-ms= haproxy-protocol I:head H:header= h:help hostpubmd5= hostpubsha256= hsts= http0.9
  0:http1.0 http1.1 http2 http2-prior-knowledge http3 http3-only ignore-content-length i:include k:insecure
  interface= 4:ipv4 6:ipv6 json= j:junk-session-cookies keepalive-time= keepalive key= key-type= krb= krb4= libcurl=
  limit-rate= l:list-only local-port= L:location location-trusted login-options= mail-auth= mail-from= mail-rcpt=
  mail-rcpt-allowfails M:manual max-filesize= max-redirs= m:max-time= metalink negotiate n:netrc netrc-file=
  netrc-optional ::next alpn N:buffer clobber npn progress-meter sessionid noproxy= ntlm ntlm-wb oauth2-bearer=
  o:output= output-dir= Z:parallel parallel-immediate parallel-max= pass= path-as-is pinnedpubkey= post301 post302
  post303 preproxy= #:progress-bar proto= proto-default= proto-redir= x:proxy= proxy-anyauth proxy-basic
  proxy-cacert= proxy-capath= proxy-cert= proxy-cert-type= proxy-ciphers= proxy-crlfile= proxy-digest
  proxy-header= proxy-insecure proxy-key= proxy-key-type= proxy-negotiate proxy-ntlm proxy-pass=
  proxy-pinnedpubkey= proxy-service-name= proxy-ssl-allow-beast proxy-ssl-auto-client-cert proxy-tls13-ciphers=
  proxy-tlsauthtype= proxy-tlspassword= proxy-tlsuser= proxy-tlsv1 U:proxy-user= proxy1.0= p:proxytunnel pubkey=
  Q:quote= random-file= r:range= rate= raw e:referer= J:remote-header-name O:remote-name remote-name-all
  R:remote-time remove-on-error X:request= request-target= resolve= retry= retry-all-errors retry-connrefused
  retry-delay= retry-max-time= sasl-authzid= sasl-ir service-name= S:show-error s:silent socks4= socks4a= socks5=
  socks5-basic socks5-gssapi socks5-gssapi-nec socks5-gssapi-service= socks5-hostname= Y:speed-limit= y:speed-time=
  ssl ssl-allow-beast ssl-auto-client-cert ssl-no-revoke ssl-reqd ssl-revoke-best-effort 2:sslv2 3:sslv3 stderr=
  styled-output suppress-connect-headers tcp-fastopen tcp-nodelay t:telnet-option= tftp-blksize= tftp-no-options
  z:time-cond= tls-max= tls13-ciphers= tlsauthtype= tlspassword= tlsuser= 1:tlsv1 tlsv1.0 tlsv1.1 tlsv1.2 tlsv1.3
  tr-encoding trace= trace-ascii= trace-time unix-socket= T:upload-file= url= url-query= B:use-ascii u:user=
  A:user-agent= v:verbose V:version w:write-out= xattr`

type Known = { letter: string; long: string; takes: boolean }
const known: Known[] = table
  .trim()
  .split(/\s+/)
  .map(entry => {
    const [, letter = '', long = '', takes] = /^(?:(.):)?([a-z0-9.-]+)(=?)$/.exec(entry)!
    return { letter, long, takes: takes === '=' }
  })
const byLong = new Map(known.map(one => [one.long, one]))
const byLetter = new Map(known.filter(({ letter }) => letter !== '').map(one => [one.letter, one]))
const numeric =
  /^(connect-timeout|max-time|retry|retry-delay|retry-max-time|speed-limit|speed-time|max-redirs|keepalive-time|parallel-max)$/

export type CurlOptions = {
  /** In order: long name and argument (`''` for switches; `no` for a switch turned off). */
  given: { name: string; value: string }[]
  urls: string[]
  on(name: string): boolean
  /** The last argument. */
  value(name: string): string | undefined
  values(name: string): string[]
}
export type Fault = { message: string; status: number }

const hint = "curl: try 'curl --help' or 'curl --manual' for more information\n"
const fault = (text: string, status = 2): Fault => ({ message: `curl: ${text}\n${hint}`, status })

/** Files of -K within each other, and options in all. */
const deepest = 3
const mostOptions = 2000

/** curl's command line (tool_getparam.c); `read` gives the text of a file for -K. */
export const curlOptions = (argv: readonly string[], read: (path: string) => string): CurlOptions | Fault => {
  const given: CurlOptions['given'] = []
  const urls: string[] = []
  const take = (one: Known, shown: string, value: string, off: boolean, depth: number): Fault | undefined => {
    if (given.length > mostOptions) return undefined
    if (numeric.test(one.long) && !/^\d+(\.\d*)?$/.test(value))
      return fault(`option ${shown}: expected a proper numerical parameter`)
    if (one.long === 'url') urls.push(value)
    given.push({ name: one.long, value: off ? 'no' : value })
    if (one.long !== 'config' || depth >= deepest) return undefined
    const text = attempt(() => read(value))
    if ('error' in text)
      return {
        message: `curl: cannot read config from '${value}'\ncurl: option ${shown}: error encountered when reading a file\n${hint}`,
        status: 26,
      }
    return configured(text.value, depth + 1)
  }
  const configured = (text: string, depth: number): Fault | undefined => {
    for (const line of text.split('\n').slice(0, 1000)) {
      const found = /^\s*-{0,2}([\w.-]+)\s*[=:\s]?\s*(?:"((?:[^"\\]|\\.)*)"|(\S.*?))?\s*$/.exec(line)
      if (!found || line.trim().startsWith('#')) continue
      const one = byLong.get(found[1]!) ?? byLetter.get(found[1]!)
      if (!one) continue
      const bad = take(one, found[1]!, (found[2] ?? found[3] ?? '').replace(/\\(.)/g, '$1'), false, depth)
      if (bad) return bad
    }
    return undefined
  }
  let plain = false
  for (let at = 1; at < argv.length; at++) {
    const word = argv[at]!
    if (plain || word === '-' || !word.startsWith('-')) {
      urls.push(word)
      continue
    }
    if (word === '--') {
      plain = true
      continue
    }
    if (word.startsWith('--')) {
      let name = word.slice(2)
      const off = name.startsWith('no-') && !byLong.has(name)
      if (off) name = name.slice(3)
      let one = byLong.get(name)
      if (!one) {
        const similar = known.filter(({ long }) => long.startsWith(name))
        if (similar.length > 1) return fault(`option ${word}: is ambiguous`)
        one = similar[0]
      }
      if (!one) return fault(`option ${word}: is unknown`)
      if (off && one.takes) return fault(`option ${word}: used '--no-' for option that isn't a boolean`)
      let value = ''
      if (one.takes) {
        if (at + 1 >= argv.length) return fault(`option ${word}: requires parameter`)
        value = argv[++at]!
      } else if (one.long === 'help' && argv[at + 1] && !argv[at + 1]!.startsWith('-')) value = argv[++at]!
      const bad = take(one, word, value, off, 0)
      if (bad) return bad
      continue
    }
    for (let i = 1; i < word.length; i++) {
      const one = byLetter.get(word[i]!)
      if (!one) return fault(`option ${word}: is unknown`)
      let value = ''
      if (one.takes) {
        value = word.slice(i + 1)
        if (value === '') {
          if (at + 1 >= argv.length) return fault(`option ${word}: requires parameter`)
          value = argv[++at]!
        }
        i = word.length
      } else if (one.long === 'help' && argv[at + 1] && !argv[at + 1]!.startsWith('-')) value = argv[++at]!
      // -N is the only letter that turns something off.
      const bad = take(one, word, value, one.letter === 'N', 0)
      if (bad) return bad
    }
  }
  const last = (name: string) => given.findLast(one => one.name === name)
  return {
    given,
    urls,
    on: name => {
      const found = last(name)
      return found !== undefined && found.value !== 'no'
    },
    value: name => last(name)?.value,
    values: name => given.filter(one => one.name === name).map(one => one.value),
  }
}

export const tryHelp = hint
