import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { after, before, describe, test } from 'node:test'
import type { Event } from '#events/event.ts'
import { missing, runClient, type Skep, startSkep } from '../skep.ts'

const password = 'hunter2'
const options = [
  '-F',
  'none',
  '-o',
  'StrictHostKeyChecking=no',
  '-o',
  'UserKnownHostsFile=/dev/null',
  '-o',
  'PubkeyAuthentication=no',
  '-o',
  'LogLevel=ERROR',
]
const withPassword = (program: string, args: string[], input?: string) =>
  runClient('sshpass', ['-p', password, program, ...args], input === undefined ? {} : { input })

type FileEvent = Event & { file: { path: string; size: number; hash?: { sha256: string } } }
const sha256 = (data: Buffer): string => createHash('sha256').update(data).digest('hex')
const pythonHas = (module: string): string | false => {
  const missingPython = missing('/usr/bin/python3')
  if (missingPython) return missingPython
  const found = fs.existsSync(`/usr/lib/python3/dist-packages/${module}`)
  return found ? false : `${module} not installed`
}

describe('files over SSH, with real clients', () => {
  const home = fs.mkdtempSync(path.join(os.tmpdir(), 'ssh-files-'))
  let skep: Skep
  let port: string
  before(async () => {
    skep = await startSkep({
      edition: 'sensor',
      config: `persona: { os: debian-12 }\nservices:\n  ssh:\n    access: { rules: ['root:${password}'], otherwise: refuse }\n`,
    })
    port = String(skep.port('ssh'))
  })
  after(async () => {
    await skep?.stop()
    fs.rmSync(home, { recursive: true })
  })

  /** Content that no other test sends, in a file here. */
  const local = (name: string, bytes: number): { file: string; data: Buffer } => {
    const data = randomBytes(bytes)
    const file = path.join(home, name)
    fs.writeFileSync(file, data)
    return { file, data }
  }
  /** The content was recorded as it was sent, under this path, and kept. */
  const kept = async (data: Buffer, there: string) => {
    const hash = sha256(data)
    const isIt = (event: Event) =>
      event.event.action === 'file-upload' && (event as FileEvent).file.hash?.sha256 === hash
    const [found] = (await skep.eventually(isIt)) as FileEvent[]
    assert.equal(found!.file.path, there)
    assert.equal(found!.skep.fate, 'sent')
    const sample = fs
      .readdirSync(path.join(skep.data, 'artifacts'), { recursive: true, encoding: 'utf8' })
      .find(name => path.basename(name).startsWith(hash))
    assert.ok(sample, 'the sample is kept')
  }
  /** That file was taken away. */
  const taken = async (there: string, size: number) => {
    const isIt = (event: Event) => event.event.action === 'file-read' && (event as FileEvent).file.path === there
    const [found] = (await skep.eventually(isIt)) as FileEvent[]
    assert.equal(found!.file.size, size)
  }

  for (const [way, flag] of [
    ['the old protocol', ['-O']],
    ['SFTP', ['-s']],
  ] as const) {
    test(`scp to the machine and back, ${way}`, { skip: missing('scp', 'sshpass') }, async () => {
      const { file, data } = local(`scp${flag}.bin`, 300_000)
      const there = `/tmp/scp${flag}.bin`
      const sent = await withPassword('scp', [...options, ...flag, '-P', port, file, `root@127.0.0.1:${there}`])
      assert.deepEqual([sent.status, sent.err], [0, ''])
      await kept(data, there)
      // Who comes back finds what they left.
      const back = path.join(home, 'back')
      const got = await withPassword('scp', [...options, ...flag, '-P', port, `root@127.0.0.1:${there}`, back])
      assert.deepEqual([got.status, got.err], [0, ''])
      assert.ok(fs.readFileSync(back).equals(data))
      await taken(there, data.length)
      const uploads = skep.events(event => (event as FileEvent).file?.hash?.sha256 === sha256(data))
      assert.equal(uploads.length, 1, 'what was sent is told of once')
    })

    test(`scp of a folder with its times and modes, ${way}`, { skip: missing('scp', 'sshpass') }, async () => {
      const folder = path.join(home, `tree${flag}`)
      fs.mkdirSync(path.join(folder, 'deep'), { recursive: true })
      const data = randomBytes(5000)
      fs.writeFileSync(path.join(folder, 'deep', 'run.sh'), data, { mode: 0o755 })
      fs.utimesSync(path.join(folder, 'deep', 'run.sh'), 1_400_000_000, 1_400_000_001)
      const there = `/root/tree${flag}`
      const sent = await withPassword('scp', [...options, ...flag, '-rp', '-P', port, folder, 'root@127.0.0.1:'])
      assert.deepEqual([sent.status, sent.err], [0, ''])
      await kept(data, `${there}/deep/run.sh`)
      const back = path.join(home, `tree-back${flag}`)
      const got = await withPassword('scp', [...options, ...flag, '-rp', '-P', port, `root@127.0.0.1:${there}`, back])
      assert.deepEqual([got.status, got.err], [0, ''])
      const stat = fs.statSync(path.join(back, 'deep', 'run.sh'))
      assert.equal(stat.mode & 0o777, 0o755)
      assert.equal(stat.mtimeMs, 1_400_000_001_000)
    })

    test(`scp of what is not there, ${way}`, { skip: missing('scp', 'sshpass') }, async () => {
      const got = await withPassword('scp', [...options, ...flag, '-P', port, 'root@127.0.0.1:/nowhere', home])
      assert.equal(got.status, 1)
      assert.equal(got.err.replace('\r', ''), 'scp: /nowhere: No such file or directory\n')
    })
  }

  test('OpenSSH’s sftp with a batch of everything', { skip: missing('sftp', 'sshpass') }, async () => {
    const { file, data } = local('batch.bin', 100_000)
    const batch = [
      'pwd',
      'mkdir /tmp/batch',
      'cd /tmp/batch',
      `put ${file} a`,
      'ls -la',
      'chmod 755 a',
      'rename a b',
      'ln -s b c',
      'ln b d',
      'ls -l',
      `get b ${home}/batch-back`,
      `reput ${file} b`,
      'rm d',
      'rm c',
      'cp b e',
      'df -h /tmp',
      'rm b',
      'rm e',
      'cd ..',
      'rmdir batch',
      'stat_unknown',
    ]
    const said = await withPassword('sftp', [...options, '-P', port, 'root@127.0.0.1'], `${batch.join('\n')}\n`)
    assert.ok(fs.readFileSync(path.join(home, 'batch-back')).equals(data), said.err)
    assert.match(said.out, /Remote working directory: \/root\n/)
    // The machine's clock may be ahead of the client's, which shows the year then.
    assert.match(said.out, /drwxr-xr-x +\S+ root +root +4096 \w{3} +\d+ +(\d\d:\d\d|\d{4}) \.\n/)
    assert.match(said.out, /-rwxr-xr-x +\S+ root +root +100000 .* b\n/)
    assert.match(said.out, /lrwxrwxrwx +\S+ root +root +1 .* c\n/)
    assert.match(said.err, /Invalid command/)
    assert.doesNotMatch(said.err, /remote \w+\(|Couldn't|Failure/)
    await kept(data, '/tmp/batch/a')
  })

  test('psftp and pscp', { skip: missing('psftp', 'pscp') }, async () => {
    const { file, data } = local('putty.bin', 70_000)
    const batch = path.join(home, 'psftp.txt')
    fs.writeFileSync(
      batch,
      `cd /tmp\nput ${file} putty.bin\nls\nget putty.bin ${home}/putty-back\nmv putty.bin p2\nrm p2\nquit\n`,
    )
    // Asked once whether it trusts the host.
    const said = await runClient('psftp', ['-P', port, '-pw', password, '-b', batch, 'root@127.0.0.1'], {
      input: 'y\n',
    })
    assert.equal(said.status, 0, said.err + said.out)
    assert.ok(fs.readFileSync(path.join(home, 'putty-back')).equals(data))
    await kept(data, '/tmp/putty.bin')
    const other = local('pscp.bin', 3000)
    for (const way of ['-scp', '-sftp']) {
      const there = `/tmp/pscp${way}.bin`
      fs.appendFileSync(other.file, way)
      const args = [way, '-P', port, '-pw', password, other.file, `root@127.0.0.1:${there}`]
      const sent = await runClient('pscp', args, { input: 'y\n' })
      assert.equal(sent.status, 0, sent.err + sent.out)
      await kept(fs.readFileSync(other.file), there)
    }
  })

  test('lftp', { skip: missing('lftp') }, async () => {
    const { file, data } = local('lftp.bin', 200_000)
    const folder = path.join(home, 'mirrored')
    fs.mkdirSync(folder)
    fs.writeFileSync(path.join(folder, 'one'), randomBytes(100))
    fs.writeFileSync(path.join(folder, 'two'), randomBytes(100))
    const script = `set sftp:auto-confirm yes; set sftp:connect-program "ssh -a -x -F none -o UserKnownHostsFile=/dev/null -o PubkeyAuthentication=no"; set net:max-retries 1; open -u root,${password} sftp://127.0.0.1:${port}; put -O /tmp ${file}; cls -l /tmp/lftp.bin; get /tmp/lftp.bin -o ${home}/lftp-back; mirror -R ${folder} /tmp/mirrored; rm -r /tmp/mirrored; bye`
    const said = await runClient('lftp', ['-c', script])
    assert.equal(said.status, 0, said.err + said.out)
    assert.ok(fs.readFileSync(path.join(home, 'lftp-back')).equals(data))
    await kept(data, '/tmp/lftp.bin')
    await kept(fs.readFileSync(path.join(folder, 'two')), '/tmp/mirrored/two')
  })

  test('paramiko', { skip: pythonHas('paramiko') }, async () => {
    const { file, data } = local('paramiko.bin', 150_000)
    const script = `
import paramiko, stat
transport = paramiko.Transport(('127.0.0.1', ${port}))
transport.connect(username='root', password='${password}')
sftp = paramiko.SFTPClient.from_transport(transport)
print(sftp.normalize('.'))
sftp.mkdir('/tmp/py'); sftp.chdir('/tmp/py')
sftp.put('${file}', 'a', confirm=True)
sftp.chmod('a', 0o700); sftp.truncate('a', 150000); sftp.utime('a', (1, 2))
print(oct(sftp.stat('a').st_mode), sftp.stat('a').st_mtime, sftp.stat('a').st_size)
sftp.symlink('a', 'l'); print(sftp.readlink('l'), stat.S_ISLNK(sftp.lstat('l').st_mode))
sftp.rename('a', 'b'); sftp.posix_rename('b', 'c')
print(sorted(sftp.listdir()))
with sftp.open('c', 'rb') as f:
    f.prefetch(); assert f.read() == open('${file}', 'rb').read()
with sftp.open('d', 'a') as f:
    f.write('one'); f.write('two')
print(sftp.open('d').read())
try: sftp.open('/nowhere/x', 'w')
except IOError as e: print(e.errno, e.strerror)
try: sftp.remove('/tmp')
except IOError as e: print(e)
for name in sftp.listdir(): sftp.remove(name)
sftp.rmdir('/tmp/py')
transport.close()
`
    const said = await runClient('/usr/bin/python3', ['-W', 'ignore', '-c', script])
    assert.equal(said.err, '')
    assert.equal(said.out, "/root\n0o100700 2 150000\na True\n['c', 'l']\nb'onetwo'\n2 No such file\nFailure\n")
    await kept(data, '/tmp/py/a')
  })

  test('asyncssh, SFTP and scp', { skip: pythonHas('asyncssh') }, async () => {
    const { file, data } = local('asyncssh.bin', 150_000)
    const script = `
import asyncio, asyncssh
async def main():
    async with asyncssh.connect('127.0.0.1', ${port}, username='root', password='${password}', known_hosts=None, client_keys=None, agent_path=None) as conn:
        async with conn.start_sftp_client() as sftp:
            await sftp.put('${file}', '/tmp/asyncssh.bin', preserve=True)
            await sftp.get('/tmp/asyncssh.bin', '${home}/asyncssh-back')
            v = await sftp.statvfs('/'); print(v.bsize, v.blocks > v.bfree > v.bavail > 0)
            print((await sftp.stat('/etc')).permissions & 0o777 == 0o755)
            await sftp.makedirs('/tmp/as/ync'); await sftp.rmtree('/tmp/as')
            print(await sftp.exists('/tmp/as'))
        await asyncssh.scp('${file}', (conn, '/tmp/asyncscp.bin'), preserve=True)
        await asyncssh.scp((conn, '/tmp/asyncscp.bin'), '${home}/asyncscp-back')
asyncio.run(main())
`
    const said = await runClient('/usr/bin/python3', ['-W', 'ignore', '-c', script])
    assert.equal(said.err, '')
    assert.equal(said.out, '4096 True\nTrue\nFalse\n')
    for (const back of ['asyncssh-back', 'asyncscp-back'])
      assert.ok(fs.readFileSync(path.join(home, back)).equals(data), back)
    await kept(data, '/tmp/asyncssh.bin')
  })

  test('what is piped into a file over exec is kept', { skip: missing('ssh', 'sshpass') }, async () => {
    const data = randomBytes(20_000)
    const file = path.join(home, 'piped')
    fs.writeFileSync(file, data)
    const line = `sshpass -p ${password} ssh ${options.join(' ')} -p ${port} root@127.0.0.1 'cat > /tmp/piped; chmod +x /tmp/piped' < ${file}`
    const said = await runClient('sh', ['-c', line])
    assert.deepEqual([said.status, said.err], [0, ''])
    const isIt = (event: Event) =>
      event.event.action === 'file-upload' && (event as FileEvent).file.hash?.sha256 === sha256(data)
    assert.equal(((await skep.eventually(isIt)) as FileEvent[])[0]!.file.path, '/tmp/piped')
  })
})
