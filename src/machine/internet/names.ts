import type { Draw } from '#persona/draw.ts'

/** Top-level domains in use that are not two letters. Names below any other do not resolve. */
const generic = new Set(
  `com net org info biz name pro mobi asia tel jobs travel cat coop aero museum int edu gov mil arpa
   top xyz online site club shop store live app dev cloud tech space website fun icu vip work life world today
   host link click download stream win bid loan date men review party science trade racing faith accountant cricket
   webcam rocks ninja guru email solutions network systems digital media agency company group team zone center
   social support services software tools studio design news blog wiki chat games game video photos pictures one
   wtf lol ooo bar best buzz monster cyou rest sbs cfd quest beauty hair skin makeup autos boats homes yachts
   money cash finance bank trading market capital fund business marketing consulting global international
   network academy school education university institute foundation health care clinic delivery express
   red blue pink black green kim moe ovh tokyo nyc london berlin paris moscow page run sh zip mov su bet casino
   land city house estate properties community church gift gifts press pub ist hiv dog cool farm fish fit army
   ltd llc inc xn--p1ai xn--fiqs8s xn--p1acf example test`
    .trim()
    .split(/\s+/)
    .filter(name => name !== 'test'),
)
/** Two letters that are no country (ISO 3166-1, with ac, eu, su, uk and what else is delegated). */
const country =
  /^(a[cdefgilmoqrstuwxz]|b[abdefghijmnorstvwyz]|c[acdfghiklmnoruvwxyz]|d[ejkmoz]|e[cegrstu]|f[ijkmor]|g[abdefghilmnpqrstuwy]|h[kmnrtu]|i[delmnoqrst]|j[emop]|k[eghimnprwyz]|l[abcikrstuvy]|m[acdeghklmnopqrstuvwxyz]|n[acefgilopruz]|om|p[aefghklmnrstwy]|qa|r[eosuw]|s[abcdeghijklmnorstuvxyz]|t[cdfghjklmnortvwz]|u[agksyz]|v[aceginu]|w[fs]|y[et]|z[amw])$/

/** Where well-known names are: the first octets of networks of theirs. */
const known: readonly (readonly [name: RegExp, v4: string, v6?: string])[] = [
  [/^dns\.google$/, '8.8.8.8', '2001:4860:4860::8888'],
  [/^one\.one\.one\.one$/, '1.1.1.1', '2606:4700:4700::1111'],
  [/(^|\.)(google|gstatic|googleapis|youtube)\.com$/, '142.250.', '2a00:1450:4001:'],
  [/(^|\.)(facebook|fbcdn|instagram)\.(com|net)$/, '157.240.', '2a03:2880:f12d:'],
  [/(^|\.)github\.com$/, '140.82.121.'],
  [/(^|\.)(githubusercontent|github)\.(com|io)$/, '185.199.', '2606:50c0:8000::153'],
  [/(^|\.)(debian|python|pypi|rubygems)\.org$/, '151.101.', '2a04:4e42:'],
  [/(^|\.)ubuntu\.com$/, '185.125.190.', '2620:2d:4000:1::16'],
  [/(^|\.)(microsoft|windows|azure|live|bing)\.(com|net)$/, '20.112.'],
  [/(^|\.)(amazonaws|amazon)\.com$/, '52.94.'],
  [/(^|\.)(cloudflare|pastebin|ipify|discord|discordapp|npmjs)\.(com|org)$/, '104.16.', '2606:4700::6810:'],
  [/(^|\.)(ifconfig\.me|ipinfo\.io)$/, '34.117.'],
  [/(^|\.)icanhazip\.com$/, '104.18.', '2606:4700::6812:'],
  [/(^|\.)(baidu)\.com$/, '39.156.'],
  [/(^|\.)(aliyun|aliyuncs)\.com$/, '47.246.'],
  [/(^|\.)(qq|tencent|myqcloud)\.com$/, '43.137.'],
  [/(^|\.)yandex\.(ru|com)$/, '77.88.', '2a02:6b8:a::a'],
  [/(^|\.)(telegram\.org|t\.me)$/, '149.154.167.', '2001:67c:4e8:f004::9'],
  [/(^|\.)(duckdns\.org)$/, '178.62.'],
]

/** First octets where hosting companies rent out addresses. */
const hosting =
  `5 23 31 37 45 46 51 62 64 66 77 78 80 82 85 87 89 91 92 93 94 95 103 104 107 109 128 134 135 136 137 138 139
  141 142 144 146 147 149 152 154 157 158 159 161 162 164 165 167 168 172 173 174 176 178 179 185 188 192 193 194 195
  198 199 205 206 207 208 209 212 213 216 217`
    .trim()
    .split(/\s+/)
    .map(Number)

/** A name as resolvers take it: lower case, no dot at the end. `undefined` where none would ask for it. */
export const hostName = (text: string): string | undefined => {
  const name = text.replace(/\.$/, '').toLowerCase()
  if (name.length === 0 || name.length > 253) return undefined
  return name.split('.').every(label => /^[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?$/.test(label)) ? name : undefined
}

/** Does the public name service know it? Single labels, special-use names (RFC 6761) and unknown endings do not. */
export const delegated = (name: string): boolean => {
  const labels = name.split('.')
  const last = labels.at(-1)!
  if (labels.length < 2) return false
  return generic.has(last) || country.test(last)
}

/** The same name is at the same place every time: `draw` follows from the name. */
export const addressesOf = (name: string, draw: Draw): { v4: string; v6?: string } => {
  const found = known.find(([pattern]) => pattern.test(name))
  const octets = (start: string): string => {
    const given = start.split('.').filter(part => part !== '')
    while (given.length < 4) given.push(String(draw.between(given.length === 3 ? 2 : 0, 250)))
    return given.join('.')
  }
  const group = (): string => draw.between(1, 0xffff).toString(16)
  if (found) {
    const [, v4, v6] = found
    const tail = v6?.endsWith('::6810:') || v6?.endsWith('::6812:') ? group() : `${group()}::${group()}`
    return { v4: octets(v4), ...(v6 ? { v6: v6.endsWith(':') ? v6 + tail : v6 } : {}) }
  }
  let v4 = octets(String(draw.pick(hosting)))
  // Blocks within these octets that nobody rents out.
  if (/^(192\.(0|168)|198\.(18|19|51)|172\.(1[6-9]|2\d|3[01])|169\.254|203\.0)\./.test(v4)) v4 = octets('185.')
  return draw.chance(0.12) ? { v4, v6: `2a0${draw.between(1, 12).toString(16)}:${group()}::${group()}` } : { v4 }
}
