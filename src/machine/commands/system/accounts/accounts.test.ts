import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { runLine, testComputer, testPersona } from '../../../testing.ts'

let keep: NodeJS.Timeout
before(() => {
  keep = setInterval(() => {}, 1000)
})
after(() => clearInterval(keep))

const person = testPersona.users[1]!
const owner = {
  name: person.name,
  uid: person.uid,
  gid: person.uid,
  comment: '',
  home: person.home,
  shell: '/bin/bash',
}
const other = testPersona.users[2]!
const stranger = { name: other.name, uid: other.uid, gid: other.uid, comment: '', home: other.home, shell: '/bin/bash' }

test('an account that is made and given a password can be taken on with it, and is told of', async () => {
  const computer = testComputer()
  const { seen } = await runLine('useradd -m -s /bin/bash -G sudo bob; echo bob:s3cret | chpasswd', { computer })
  assert.deepEqual(
    seen.filter(({ what }) => what === 'account').map(({ details }) => details),
    [
      { user: 'bob', change: 'created' },
      { user: 'bob', change: 'password', password: 's3cret' },
    ],
  )
  const right = await runLine('echo s3cret | su bob -c "id -un"', { computer, account: stranger })
  assert.equal(right.stdout, 'bob\n')
  const wrong = await runLine('echo wrong | su bob -c "id -un"', { computer, account: stranger })
  assert.deepEqual([wrong.stdout, wrong.status], ['', 1])
  assert.equal(wrong.stderr, 'Password: su: Authentication failure\n')
  const bob = { name: 'bob', uid: 1002, gid: 1002, comment: '', home: '/home/bob', shell: '/bin/bash' }
  const raised = await runLine('echo s3cret | sudo -S id -u', { computer, account: bob })
  assert.equal(raised.stdout, '0\n')
  const again = await runLine('sudo -n id -u', { computer, account: bob })
  assert.equal(again.stdout, '0\n')
})

test('a stored hash is not the password, and another machine’s hash opens nothing', async () => {
  const computer = testComputer()
  await runLine("echo root:hunter2 | chpasswd; echo 'daemon:$y$j9T$abc$def' | chpasswd -e", { computer })
  const { stdout } = await runLine("grep -c hunter2 /etc/shadow; grep -o '^root:.y.j9T.' /etc/shadow", { computer })
  assert.equal(stdout, '0\nroot:$y$j9T$\n')
  const { status } = await runLine('echo def | su -s /bin/sh daemon -c id', { computer, account: stranger })
  assert.equal(status, 1)
})

test('whoever is no sudoer learns so, and whoever is not root changes nothing', async () => {
  const denied = await runLine(
    'echo pw | sudo -S id; useradd x; userdel root; usermod -L root; groupadd g; echo root:x | chpasswd; chage -M 1 root; passwd -l root; adduser y',
    { account: stranger },
  )
  assert.match(denied.stderr, new RegExp(`${other.name} is not in the sudoers file\\.`))
  assert.equal(denied.stdout, '')
  assert.deepEqual(
    denied.seen.filter(({ what }) => what === 'account'),
    [],
  )
  const allowed = await runLine('echo any | sudo -S -p "" id -u', { account: owner })
  assert.equal(allowed.stdout, '0\n')
})

test('passwd and adduser ask on standard input, and a database of an attacker’s breaks nothing', async () => {
  const computer = testComputer()
  const asked = await runLine('printf "one\\none\\n" | passwd', { computer })
  assert.match(asked.stderr, /password updated successfully/)
  assert.ok(
    asked.seen.some(
      ({ details }) => JSON.stringify(details) === '{"user":"root","change":"password","password":"one"}',
    ),
  )
  const broken = await runLine(
    'head -c 100000 /dev/urandom > /etc/passwd; id; whoami; useradd a; passwd -S root; getent passwd; last; w; who; ps aux | head -2; groups; sudo -l; su -c id',
    { computer },
  )
  assert.equal(typeof broken.status, 'number')
  const gone = await runLine(
    'rm -f /etc/passwd /etc/shadow /etc/group /etc/gshadow; id; whoami; useradd -u 5 a; ls -l /etc/passwd; id a',
    { computer },
  )
  assert.match(gone.stdout, /uid=5/)
})

test('names of people cannot smuggle fields into the databases', async () => {
  const computer = testComputer()
  const { stdout } = await runLine(
    'usermod -c "x:0:0" daemon; chfn -f "a:b" bin; useradd -c "q:w" -u 1700 eve; usermod -d "/a:/b" games; cut -d: -f1,3,4 /etc/passwd | grep -E "^(daemon|bin|eve|games):"',
    { computer },
  )
  assert.match(stdout, /daemon:1:1\nbin:2:2\n/)
  assert.match(stdout, /eve:1700:1700/)
})

test('the credentials of an account follow /etc/group', async () => {
  const computer = testComputer()
  const { stdout } = await runLine('gpasswd -a nobody adm >/dev/null; su -s /bin/sh nobody -c id', { computer })
  assert.match(stdout, /groups=65534\(nogroup\),4\(adm\)/)
})
