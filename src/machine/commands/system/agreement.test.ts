import assert from 'node:assert/strict'
import { test } from 'node:test'
import { runLine, testComputer, testPersona } from '../../testing.ts'

const out = async (line: string, how: Parameters<typeof runLine>[1] = {}): Promise<string> => {
  const { stdout, stderr } = await runLine(line, how)
  assert.equal(stderr, '', line)
  return stdout
}
const lines = (text: string): string[] => text.trimEnd().split('\n')
const number = (text: string, name: RegExp): number => Number(name.exec(text)?.[1])

test('ps shows what /proc shows, and the session that asks', async () => {
  const rows = lines(await out('ps -eo pid=,ppid=,sid=,pgid=,rss=,comm='))
  for (const row of rows) {
    const [, pid, ppid, sid, pgid, rss, name] = /^ *(\d+) +(\d+) +(\d+) +(\d+) +(\d+) (.*)$/.exec(row) ?? []
    if (name === 'ps') continue
    const stat = await out(`cat /proc/${pid}/stat 2>/dev/null || true`)
    // What this session itself started has gone by now.
    if (stat === '') {
      assert.ok(Number(pid) > 1200, row)
      continue
    }
    const [, shown, rest = ''] = /^\d+ \((.*)\) (.*)\n$/.exec(stat) ?? []
    const fields = rest.split(' ')
    if (Number(pid) > 1200) continue
    assert.equal(shown, name)
    assert.deepEqual([fields[1], fields[2], fields[3]], [ppid, pgid, sid], row)
    assert.equal(Number(fields[21]) * 4, Number(rss), row)
  }
  const tree = lines(await out('ps -eo pid=,ppid=,args='))
  const own = tree.find(row => /^ *\d+ +\d+ ps -eo/.test(row))
  const [, , shell] = /^ *(\d+) +(\d+) /.exec(own ?? '') ?? []
  const parent = tree.find(row => row.trimStart().startsWith(`${shell} `))
  const daemon = tree.find(row => row.trimStart().startsWith(`${/^ *\d+ +(\d+)/.exec(parent ?? '')?.[1]} `))
  assert.match(daemon ?? '', /sshd: root@notty$/)
  const listener = tree.find(row => row.trimStart().startsWith(`${/^ *\d+ +(\d+)/.exec(daemon ?? '')?.[1]} `))
  assert.match(listener ?? '', /\[listener\]/)
})

test('free and top tell the memory of /proc/meminfo at the same moment', async () => {
  const text = await out('cat /proc/meminfo; free; top -bn1 | head -5')
  const field = (name: string): number => number(text, new RegExp(`^${name}: +(\\d+)`, 'm'))
  const [, total, used, unused, shared, cache, available] =
    /^Mem: +(\d+) +(\d+) +(\d+) +(\d+) +(\d+) +(\d+)$/m.exec(text)?.map(Number) ?? []
  assert.equal(total, field('MemTotal'))
  assert.equal(unused, field('MemFree'))
  assert.equal(shared, field('Shmem'))
  assert.equal(available, field('MemAvailable'))
  assert.equal(used, field('MemTotal') - field('MemAvailable'))
  assert.equal(cache, field('Buffers') + field('Cached') + field('SReclaimable'))
  assert.equal(number(text, /MiB Mem : *([\d.]+) total/), Math.round((field('MemTotal') / 1024) * 10) / 10)
})

const ssh = new Map([['SSH_CONNECTION', '198.51.100.7 51234 192.0.2.33 22']])

test('ss, netstat and /proc/net/tcp tell of the same sockets, the attacker’s among them', async () => {
  const computer = testComputer()
  const seen: string[] = []
  const sink = { write: async (data: Buffer | string) => void seen.push(data.toString('latin1')) }
  const silent = new Proxy({}, { get: () => () => undefined })
  const login = computer.logIn({
    account: { name: 'root', uid: 0, gid: 0, comment: '', home: '/root', shell: '/bin/bash' },
    witness: silent as never,
    from: '198.51.100.7',
    stdin: { read: async () => undefined },
    stdout: sink,
    stderr: sink,
    env: ssh,
    daemon: { argv: ['sshd: root@notty'], exe: '/usr/sbin/sshd' },
  })
  const run = async (line: string): Promise<string> => {
    seen.length = 0
    await login.exec(line)
    return seen.join('')
  }
  try {
    const kernel = lines(await run('cat /proc/net/tcp /proc/net/tcp6 | grep -v local_address'))
    const hex = (port: string): string => Number(port).toString(16).toUpperCase().padStart(4, '0')
    const shown = lines(await run('ss -Htan'))
    assert.equal(shown.length, kernel.length)
    const plain = lines(await run('netstat -tan')).slice(2)
    assert.equal(plain.length, kernel.length)
    for (const row of shown) {
      const [state = '', , , local = ''] = row.split(/ +/)
      const port = hex(local.slice(local.lastIndexOf(':') + 1))
      const code = state === 'LISTEN' ? '0A' : '01'
      assert.ok(
        kernel.some(line => line.includes(`:${port} `) && line.includes(` ${code} `)),
        row,
      )
    }
    assert.match(shown.join('\n'), /^ESTAB .* 192\.0\.2\.33:22 +198\.51\.100\.7:51234/m)
    assert.ok(
      kernel.some(line => line.includes(' 210200C0:0016 076433C6:C822 01 ')),
      kernel.join('\n'),
    )
    // The machine's own address is the one that was connected to.
    assert.match(
      await run('ip -4 addr; hostname -I; ifconfig'),
      /inet 192\.0\.2\.33\/24[\s\S]*192\.0\.2\.33 \n[\s\S]*inet 192\.0\.2\.33 /,
    )
    const holder = /sshd",pid=(\d+),fd=3/.exec(await run('ss -tlnp'))?.[1]
    assert.match(await run(`ps -p ${holder} -o args=`), /\[listener\]/)
  } finally {
    login.close()
  }
})

test('lscpu counts what /proc/cpuinfo lists', async () => {
  const info = await out('cat /proc/cpuinfo')
  const shown = await out('lscpu')
  const cores = info.match(/^processor/gm)?.length
  assert.equal(cores, testPersona.cpu.cores)
  assert.equal(number(shown, /^CPU\(s\): +(\d+)/m), cores)
  assert.equal(number(await out('nproc'), /(\d+)/), cores)
  assert.equal(number(await out('getconf _NPROCESSORS_ONLN'), /(\d+)/), cores)
  for (const name of [
    'vendor_id:Vendor ID',
    'model name:Model name',
    'cpu family:CPU family',
    'stepping:Stepping',
    'flags:Flags',
  ]) {
    const [field = '', label] = name.split(':')
    const value = new RegExp(`^${field}\\s*: (.*)$`, 'm').exec(info)?.[1]
    assert.equal(new RegExp(`^${label}: +(.*)$`, 'm').exec(shown)?.[1], value)
  }
})

test('uptime, who and the journal begin where /proc/uptime says', async () => {
  const seconds = Number.parseFloat(await out('cat /proc/uptime'))
  const since =
    Date.parse(`${(await out('uptime -s')).trim().replace(' ', 'T')}Z`) - testPersona.timezone.offset * 60_000
  assert.ok(Math.abs(since - testPersona.bootedAt) < 2000)
  assert.match(await out('uptime'), new RegExp(` up ${Math.floor(seconds / 86_400)} days?, `))
  assert.equal(number(await out('cat /proc/stat'), /^btime (\d+)/m), Math.floor(testPersona.bootedAt / 1000))
  assert.match(await out('dmesg | head -1'), new RegExp(`Linux version ${testPersona.os.kernel} `))
  assert.match(await out('dmesg'), new RegExp(`Brought up 1 node, ${testPersona.cpu.cores} CPU`))
})

test('dpkg knows the packages whose versions the machine shows', async () => {
  assert.match(
    await out('dpkg -l openssh-server'),
    new RegExp(testPersona.software.ssh.package.replace(/[.+]/g, '\\$&')),
  )
  assert.match(
    await out('dpkg -s nginx-common | grep Version'),
    new RegExp(testPersona.software.web.package.replace(/[.+]/g, '\\$&')),
  )
  const release = await out('cat /etc/os-release')
  assert.match(await out('lsb_release -ds'), new RegExp(/PRETTY_NAME="(.*?) \(/.exec(release)?.[1] ?? '\0'))
  assert.equal((await out('dpkg -L hostname | grep bin/hostname')).trim(), '/usr/bin/hostname')
  assert.equal(await out('dpkg -S /usr/bin/hostname'), 'hostname: /usr/bin/hostname\n')
})

test('a service that is stopped has no process and no port, until it is started again', async () => {
  const keep = setInterval(() => {}, 1000)
  try {
    const computer = testComputer()
    const run = (line: string) => runLine(line, { computer })
    assert.equal((await run('systemctl is-active nginx')).stdout, 'active\n')
    await run('systemctl stop nginx')
    const stopped = await run(
      'systemctl is-active nginx; pgrep -c nginx; ss -Hltn | grep -c ":80 "; curl -s localhost >/dev/null; ps aux | grep -c "[n]ginx"',
    )
    assert.match(stopped.stdout, /^inactive\n0\n0\n/)
    assert.equal((await run('systemctl status nginx')).status, 3)
    await run('service nginx start')
    const started = await run(
      'systemctl is-active nginx; ss -Hltn | grep -c ":80 "; systemctl show nginx -p MainPID --value; pidof nginx',
    )
    const [active, ports, main, pids = ''] = lines(started.stdout)
    assert.deepEqual([active, ports], ['active', '2'])
    assert.ok(pids.split(' ').includes(main ?? ''))
    // Killed by hand, it is not active either.
    await run('pkill -9 nginx')
    assert.notEqual((await run('systemctl is-active nginx')).stdout, 'active\n')
  } finally {
    clearInterval(keep)
  }
})

test('a unit that an attacker writes is enabled, run and told of', async () => {
  const keep = setInterval(() => {}, 1000)
  try {
    const computer = testComputer()
    const unit =
      '[Unit]\\nDescription=System helper\\n[Service]\\nType=oneshot\\nExecStart=/tmp/.x/run\\n[Install]\\nWantedBy=multi-user.target\\n'
    const { stdout, stderr, seen } = await runLine(
      `mkdir -p /tmp/.x; printf '#!/bin/sh\\necho ran > /tmp/.x/out\\n' > /tmp/.x/run; chmod +x /tmp/.x/run; printf '${unit}' > /etc/systemd/system/helper.service; systemctl daemon-reload; systemctl enable --now helper; systemctl is-enabled helper; cat /tmp/.x/out`,
      { computer },
    )
    assert.match(stderr, /^Created symlink \/etc\/systemd\/system\/multi-user\.target\.wants\/helper\.service/)
    assert.equal(stdout, 'enabled\nran\n')
    assert.ok(
      seen.some(({ what, details }) => what === 'execution' && (details as { path: string }).path === '/tmp/.x/run'),
    )
  } finally {
    clearInterval(keep)
  }
})
