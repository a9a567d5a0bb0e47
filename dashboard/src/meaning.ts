import type { en } from './i18n/en.ts'
import { type Table, tables } from './meaning-tables.ts'

export type Meaning = keyof typeof en.meanings

/** Commands are looked at up to this length; every pattern is linear. */
const MAX = 2000

/** What shell commands are for; all that apply are told, in this order. */
const shell: Table = [
  ['miner', /xmrig|minerd|stratum\+|monero|nicehash|cpuminer|kinsing|c3pool/i],
  ['mirai', /busybox\s+[A-Z]{4,}\b|\/bin\/busybox\s*(?:$|[;|&])/],
  ['fetch', /\b(?:wget|curl|tftp|ftpget|lwp-download|scp|rsync)\b/],
  [
    'execute',
    /\bchmod\s+(?:[0-7]{3,4}|[ugoa]*\+\w*x)|(?:^|[;&|]\s*)(?:\.\/|nohup\b|(?:ba)?sh\s+\S|perl\s|python\d?\s)/,
  ],
  ['decode', /\bbase64\s+(?:-d|--decode)|\bxxd\s+-r|\\x[0-9a-f]{2}\\x/i],
  ['key', /authorized_keys/],
  ['schedule', /\bcron(?:tab|\.d)?\b|\/etc\/(?:rc\.local|init\.d)|systemctl\s+(?:enable|daemon-reload)|\.service\b/],
  ['account', /\b(?:useradd|adduser|usermod|chpasswd|passwd\s+\w)/],
  ['accounts', /\/etc\/(?:passwd|shadow|group)\b/],
  ['firewall', /\b(?:iptables|ufw|firewalld|nft)\b|setenforce|selinux/],
  ['persistence', /\bchattr\b|ld\.so\.preload/],
  ['cover', /\bhistory\s+-c|HISTFILE|HISTSIZE|\/var\/log|\.bash_history|wtmp|\bunset\s+HIST/],
  ['rivals', /\b(?:pkill|killall|kill\s+-?\d|kill\s+-9)/],
  ['wipe', /\brm\s+-\w*[rf]/],
  ['scan', /\b(?:masscan|zmap|nmap|hping3?|hydra|medusa)\b/],
  ['processor', /\/proc\/cpuinfo|\bnproc\b|\blscpu\b/],
  ['memory', /\bfree\b|\bdf\b|\blsblk\b|\/proc\/(?:mem|mounts|partitions)/],
  ['network', /\b(?:ifconfig|netstat|ss\s+-|ip\s+(?:a|r|link)|arp)\b|\/proc\/net/],
  ['who', /(?:^|[;&|]\s*)(?:w|who|whoami|id|last|lastlog)\b/],
  [
    'machine',
    /\buname\b|\/etc\/(?:issue|os-release|\w+-release)|\bhostname\b|\blsb_release|\/proc\/version|\bdmidecode|\buptime\b/,
  ],
  ['shell', /^(?:enable|system|shell|sh|linuxshell|bash)$/],
]

const requests: Table = [
  ['log4shell', /\$\{(?:jndi|\$\{|lower|upper|env)/i],
  ['phpunit', /phpunit.{0,80}eval-stdin/i],
  ['proxy', /^(?:connect\s|\w+\shttps?:\/\/)/i],
  ['git', /\/\.(?:git|svn|hg)\b/],
  [
    'secrets',
    /\/\.(?:env|aws|ssh|vscode|docker|npmrc|htpasswd|DS_Store)|\b(?:id_rsa|credentials|backup|dump|config)\.(?:zip|sql|json|ya?ml|bak|php|gz)/i,
  ],
  ['wordpress', /wp-(?:login|admin|content|includes|config|json)|xmlrpc\.php/i],
  ['router', /\/(?:cgi-bin|boaform|goform|HNAP1|GponForm|setup\.cgi|ctrlt|SDK|onvif|luci|tmUnblock)/i],
  ['traversal', /\.\.(?:\/|%2f|\\|%5c)|%2e%2e|\/etc\/passwd/i],
  [
    'injection',
    /(?:%3b|;|\||`|\$\(|%7c)\s*(?:wget|curl|sh|bash|cat|id|echo)\b|union(?:\s|\+|%20)+select|allow_url_include|invokefunction/i,
  ],
  ['admin', /\/(?:admin|manager|phpmyadmin|pma|console|login|actuator|solr|jenkins|dashboard|owa|remote)/i],
  ['robots', /\s\/(?:robots\.txt|favicon\.ico|sitemap\.xml|\.well-known\/security\.txt)/i],
]

/** What commands do wherever they are planted: in a key, a message, a query. Names of programs may be verbs of the protocol there. */
const planted: Table = [
  ['fetch', /\b(?:wget|curl|certutil|powershell)\b/i],
  ...shell.filter(([meaning]) => ['miner', 'mirai', 'decode', 'key', 'schedule'].includes(meaning)),
]

/** A request of HTTP, where nobody speaks it. */
const astray: Table = [['wrongDoor', /^(?:GET|POST|HEAD|OPTIONS|CONNECT) \S{1,500} HTTP\/\d/]]

/** On a desktop people click, and type into a terminal. */
const typed = new Set(['vnc', 'x11'])

/** Several statements in one line are usual in SQL; elsewhere a line has one verb, and the first that fits tells it. */
const several = new Set(['mysql', 'postgresql', 'mssql', 'oracle'])

/** What a command or a request is for, as far as its text tells. */
export function meanings(service: string, action: string, line: string): Meaning[] {
  const start = line.slice(0, MAX)
  const fitting = (table: Table) => table.filter(([, pattern]) => pattern.test(start)).map(([meaning]) => meaning)
  if (action === 'request') return fitting(requests)
  const own = tables.get(service)
  if (!own) return fitting(shell)
  const said = fitting([...own, ...astray])
  return [
    ...new Set([...(several.has(service) ? said : said.slice(0, 1)), ...fitting(typed.has(service) ? shell : planted)]),
  ]
}

/** What a tunnel to there is usually for: mail is spam, this machine or its network is what hides behind. */
export function tunnelAim(host: string, port: number): Meaning | undefined {
  if (/^(?:localhost$|127\.|10\.|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.|::1$|f[cd])/i.test(host)) return 'tunnelInside'
  if ([25, 465, 587].includes(port)) return 'tunnelMail'
  return [80, 443].includes(port) ? 'tunnelWeb' : undefined
}
