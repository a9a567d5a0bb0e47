/** Downloads that the real programs and ours are asked for. `URL` stands for `http://HOST:PORT` of a server of ours. */
export const downloads: readonly string[] = [
  'wget URL/1234.sh',
  'wget URL/150000',
  'wget -nv URL/1234.sh',
  'wget -q URL/1234.sh',
  'wget -O - URL/1234.sh',
  'wget -qO- URL/12',
  'wget -O x URL/1234.sh',
  'wget URL/',
  'wget -P d URL/1234.sh',
  'wget -x URL/a/b/77',
  'wget URL/1234.sh URL/1235.sh',
  'wget -O a URL/10 URL/11',
  'wget --spider URL/1234.sh',
  'wget --spider URL/',
  'wget -S URL/12',
  'wget --progress=bar:force URL/150000',
  'wget --progress=bar:force:noscroll URL/12',
  'wget --post-data=a=b URL/1234.sh',
  'wget URL/404',
  'wget -nv URL/404',
  'wget -q URL/404',
  'wget -N -nH URL/1234.sh',
  'wget --tries=2 -T 5 --no-check-certificate -U agent URL/99999',
  'wget -r URL/',
  'curl URL/12',
  'curl -s URL/12',
  'curl -O URL/1234.sh',
  'curl -o a URL/150000',
  'curl -sS -o a URL/12',
  'curl -i URL/12',
  'curl -I URL/12',
  'curl -v URL/12',
  'curl -sv -o x URL/12',
  'curl -fsSL URL/404',
  'curl -f URL/404',
  'curl URL/404',
  "curl -s -o /dev/null -w '%{http_code} %{size_download} %{content_type}\\n' URL/12",
  'curl -sv -d a=b URL/12',
  'curl -d a=b URL/12',
  'curl -sv -u a:b -A agent -H X:y -e http://r/ -b c=d URL/12',
  'curl -sv -G -d x=1 URL/12',
  'curl -s -D - -o /dev/null URL/12',
  'curl -#O URL/1234.sh',
  'curl -O URL/12 -O URL/13',
  'curl -o /nope/x URL/12',
  'curl -s -X DELETE -v URL/12',
  'busybox wget URL/1234.sh',
  'busybox wget -q URL/12',
  'busybox wget -O- URL/12',
  'busybox wget -O x URL/99999',
  'busybox wget --spider URL/12',
  'busybox wget URL/404',
  'busybox wget URL/',
]

export type Reply = { status: number; type: string; body: Buffer }

/** What the server of ours has: as many bytes as the path says. */
export const replyFor = (path: string): Reply => {
  const clean = path.replace(/\?.*$/, '')
  if (clean === '/404') return { status: 404, type: 'text/html', body: Buffer.from('nope\n') }
  if (clean === '/') return { status: 200, type: 'text/html', body: Buffer.from('<html><title>x</title></html>\n') }
  const size = Number(/(\d+)/.exec(clean)?.[1] ?? 10)
  return {
    status: 200,
    type: clean.endsWith('.sh') ? 'application/x-sh' : 'application/octet-stream',
    body: Buffer.alloc(size, 'abcdefghij'),
  }
}

/** Last-Modified of all of it; milliseconds since the epoch. */
export const modified = Date.UTC(2025, 11, 1, 10)

export type Output = { stdout: string; stderr: string; status: number; files: string[] }

const speed = '[\\d.]+'
/** Without what differs from run to run: clocks, speeds, and where the server is. */
export const masked = (text: string): string =>
  text
    .replace(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d/g, 'DATE')
    .replace(/Date: [^\r\n]*/g, 'Date: D')
    .replace(/to host (127\.0\.0\.1|192\.0\.2\.10)/g, 'to host HOST')
    .replace(/(127\.0\.0\.1|192\.0\.2\.10)( \((127\.0\.0\.1|192\.0\.2\.10)\))?(:| port )\d+/g, 'HOST$4PORT')
    .replace(new RegExp(`\\(${speed} [KMG]?B/s\\)`, 'g'), '(RATE)')
    .replace(new RegExp(` +${speed}[ KMG]=${speed}s`, 'g'), ' RATE')
    .replace(new RegExp(`% +${speed}[ KMG] ${speed}s$`, 'gm'), '% RATE')
    .replace(/[\d.-]+[KMG]?B\/s( {4}in [\d.]+s *)?/g, 'RATE$1')
    .replace(/in [\d.]+s *\n/g, 'in TIME\n')
    .replace(/Total wall clock time: .*/g, 'Total wall clock time: TIME')
    .replace(/in [\d.]+s \(RATE\)/g, 'in TIME (RATE)')
    .replace(
      /(\r *\d+ +\S+ +\d+ +\S+ +\d+ +\S+) +\S+ +\S+ ( ?\d+:\d\d:\d\d|--:--:--) ( ?\d+:\d\d:\d\d|--:--:--) ( ?\d+:\d\d:\d\d|--:--:--) +\d+[kM.\d]*/g,
      '$1 SPEED',
    )
    .replace(/0x[0-9a-f]{6,}/g, '0xN')
