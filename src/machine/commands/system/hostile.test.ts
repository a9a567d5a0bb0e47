import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { runLine } from '../../testing.ts'
import { programs } from '../index.ts'
import { system } from './index.ts'

let keep: NodeJS.Timeout
before(() => {
  keep = setInterval(() => {}, 1000)
})
after(() => clearInterval(keep))

/** The same numbers every time. */
const random = (seed: number): ((below: number) => number) => {
  let state = seed
  return below => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}

const words =
  `-a -l -n -p -u -o -x -h -V -e -f -r -s -t -A -C -L -S -i -d -g -q -c -k -v -w --help --version --all -- - + -9 -1 1 0 -0
   99999999999999999999 add del show set status start list root nobody nosuch lo eth0 192.0.2.1/24 default via dev
   INPUT DROP tcp 22 a=b =x x= %s %n \${} \\* . .. / /etc/passwd /proc/1 ssh.service @ : , ; pid,comm -eo --sort=-rss
   kernel.hostname install bash update --type=service`
    .split(/\s+/)
    .filter(Boolean)

/** What would wait for ever, or end the session that asks. */
const endless = /\/(systemd|systemctl)$/

test('every program about the machine takes any words and comes to an end', async () => {
  const pick = random(7)
  const names = Object.keys(system).filter(path => !endless.test(path))
  assert.ok(names.length > 70)
  for (const path of names) {
    assert.ok(programs.has(path))
    for (let round = 0; round < 5; round++) {
      const given = Array.from({ length: pick(6) }, () => words[pick(words.length)]!)
      const noisy =
        pick(4) === 0
          ? [...given, Array.from({ length: 1 + pick(200) }, () => String.fromCharCode(1 + pick(255))).join('')]
          : given
      const quoted = noisy.map(word => `'${word.replaceAll("'", '')}'`).join(' ')
      const line = `timeout 1 ${path} ${quoted} < /dev/null | head -c 20000`
      const { status } = await runLine(line).catch(error => {
        throw new Error(`${line}: ${error?.stack}`)
      })
      assert.ok(status >= 0 && status < 256, line)
    }
  }
})

test('what grows is bounded: addresses, routes, links', async () => {
  const { stdout } = await runLine(
    'i=0; while [ $i -lt 260 ]; do ip addr add 198.51.100.$((i % 250))/$((8 + i / 250)) dev lo; ip link add d$i type dummy; i=$((i+1)); done 2>/dev/null; ip -4 -o a | wc -l; ip -o link | wc -l',
  )
  const [addresses = 0, links = 0] = stdout.trim().split('\n').map(Number)
  assert.ok(addresses > 100 && addresses <= 201, stdout)
  assert.ok(links > 100 && links <= 200, stdout)
})
