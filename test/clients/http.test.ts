import assert from 'node:assert/strict'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { after, before, describe, test } from 'node:test'
import type { Event } from '#events/event.ts'
import { missing, runClient, type Skep, startSkep } from '../skep.ts'

type Http = {
  http: { request: { method: string; body: { bytes: number; content?: string } }; response: { status_code: number } }
}
type Web = Event & Http & { url: { path: string; original: string }; user_agent?: { original: string } }
type Login = Event & { user?: { name: string }; skep: { login: { method: string; password?: string } } }
const ofAction = (action: string) => (event: Event) => event.skep.service === 'http' && event.event.action === action
const requestFor = (where: string) => (event: Event) =>
  ofAction('request')(event) && (event as Web).url.original.startsWith(where)

for (const product of ['nginx', 'Apache'] as const) {
  describe(`${product}, with real clients`, () => {
    const home = fs.mkdtempSync(path.join(os.tmpdir(), 'http-clients-'))
    let skep: Skep
    let url: string
    let secure: string
    before(async () => {
      const bait = 'services: { http: { bait: [admin, login], realm: Staff } }'
      skep = await startSkep({ config: `persona: { os: debian-12, web: ${product} }\n${bait}\n` })
      url = `http://127.0.0.1:${skep.port('http')}`
      secure = `https://127.0.0.1:${skep.port('http', { tls: true })}`
    })
    after(async () => {
      await skep?.stop()
      fs.rmSync(home, { recursive: true })
    })
    const curl = async (...args: string[]) => (await runClient('curl', ['-sS', '--max-time', '20', ...args])).out
    const file = (name: string, content: string) => {
      fs.writeFileSync(path.join(home, name), content)
      return path.join(home, name)
    }

    describe('curl', { skip: missing('curl') }, () => {
      test('gets the front page, over TLS too, and is recorded whole', async () => {
        const page = await curl(`${url}/?from=curl`, '-A', 'client test', '-H', 'X-Mine: yes')
        assert.match(page, /<title>(Welcome to nginx!|Apache2 Debian Default Page: It works)<\/title>/)
        assert.equal(await curl('-k', `${secure}/`), page)
        const [event] = (await skep.eventually(requestFor('/?from=curl'))) as [Web]
        assert.equal(event.user_agent?.original, 'client test')
        assert.deepEqual((event.skep as { http?: { headers: string[] } }).http?.headers.slice(1), [
          'User-Agent: client test',
          'Accept: */*',
          'X-Mine: yes',
        ])
      })
      test('asks with HEAD, for a range, for several, with a condition', async () => {
        const head = await curl('-I', `${url}/`)
        assert.match(head, new RegExp(`^HTTP/1.1 200 OK\r\n[\\s\\S]*Server: ${product}/[\\d.]+`))
        const etag = /^ETag: (.*)\r$/m.exec(head)![1]!
        assert.equal(await curl('-r', '0-8', `${url}/`), (await curl(`${url}/`)).slice(0, 9))
        assert.match(
          await curl('-r', '0-4,10-14', '-i', `${url}/`),
          /206 Partial Content[\s\S]*multipart\/byteranges; boundary=/,
        )
        assert.match(await curl('-i', '-H', `If-None-Match: ${etag}`, `${url}/`), /^HTTP\/1.1 304 Not Modified\r\n/)
      })
      test('unpacks what was compressed', async () => {
        assert.equal(await curl('--compressed', `${url}/`), await curl(`${url}/`))
        assert.equal(await curl('--compressed', `${url}/nope`), await curl(`${url}/nope`))
      })
      test('posts a form, a JSON log-in and a file', async () => {
        await curl('-d', 'username=gust&password=first', `${url}/login.php`)
        await curl('--json', '{"username":"gust","password":"second"}', `${url}/login.php`)
        await curl('-F', `f=@${file('shell.php', '<?php // inert ?>')}`, `${url}/login.php`)
        const logins = (await skep.eventually(ofAction('login'), 2)) as Login[]
        assert.deepEqual(
          logins.slice(-2).map(e => [e.user?.name, e.skep.login.method, e.skep.login.password]),
          [
            ['gust', 'form', 'first'],
            ['gust', 'json', 'second'],
          ],
        )
        const [upload] = (await skep.eventually(ofAction('file-upload'))) as unknown as [
          { file: { name: string; size: number } },
        ]
        assert.deepEqual([upload.file.name, upload.file.size], ['shell.php', 17])
      })
      test('sends 3 MB and gets the answer its product gives', async () => {
        const big = file('big', 'x'.repeat(3 << 20))
        const answer = await curl('-i', '-H', 'Expect:', '--data-binary', `@${big}`, `${url}/?big`)
        assert.match(answer, product === 'nginx' ? /^HTTP\/1.1 413 / : /^HTTP\/1.1 200 OK/)
        if (product === 'Apache') {
          const [event] = (await skep.eventually(requestFor('/?big'))) as [Web]
          assert.equal(event.http.request.body.bytes, 3 << 20)
        }
      })
      test('says plain HTTP to the TLS port', async () => {
        const answer = await curl('-i', secure.replace('https', 'http'))
        assert.match(answer, /^HTTP\/1.1 400 Bad Request/)
        assert.match(
          answer,
          product === 'nginx' ? /plain HTTP request was sent to HTTPS port/ : /speaking plain HTTP to an SSL/,
        )
      })
    })

    test('wget follows to the page', { skip: missing('wget') }, async () => {
      const { out } = await runClient('wget', ['-q', '-O', '-', `${url}/`])
      assert.match(out, /<\/html>/)
    })

    test('wrk finds no broken answer under load', { skip: missing('wrk') }, async () => {
      const { out } = await runClient('wrk', ['-t1', '-c20', '-d2s', `${url}/`])
      assert.match(out, /Requests\/sec/)
      assert.doesNotMatch(out, /Non-2xx|Socket errors/)
    })

    test('nmap names product and version, and its scripts see the site', { skip: missing('nmap') }, async () => {
      const scripts = 'http-title,http-headers,http-methods,http-server-header,http-auth'
      const ports = `${new URL(url).port},${new URL(secure).port}`
      const { out } = await runClient('nmap', ['-Pn', '-n', '-sV', '-p', ports, '--script', scripts, '127.0.0.1'], {
        seconds: 150,
      })
      const server = /^Server: (.*)\r$/m.exec(await curl('-I', `${url}/`))![1]!
      const [name, version] = server.split(/[/ ]/)
      const named = new RegExp(
        `open +(?:ssl/)?http +${name === 'Apache' ? 'Apache httpd' : name} ${version!.replaceAll('.', '\\.')}`,
        'g',
      )
      assert.equal(out.match(named)?.length, 2, out)
      assert.match(out, /http-title: (Welcome to nginx!|Apache2 Debian Default Page: It works)/)
      if (product === 'Apache') assert.match(out, /Supported Methods: (?:(?:GET|POST|OPTIONS|HEAD) ?){4}/)
      assert.doesNotMatch(out, /honey|skep/i)
    })

    describe('hydra', { skip: missing('hydra') }, () => {
      const hydra = async (...module: string[]) => {
        const words = file('words', 'alpha\nbeta\ngamma\n')
        const port = new URL(url).port
        return runClient('hydra', ['-l', 'keeper', '-P', words, '-t', '2', '-s', port, '-I', '127.0.0.1', ...module])
      }
      /** Passwords that were tried, each once. On a busy machine hydra gives up before the last: then it is sent again. */
      const tried = async (method: string, guess: () => Promise<unknown>) => {
        const mine = (event: Event) =>
          ofAction('login')(event) &&
          (event as Login).user?.name === 'keeper' &&
          (event as Login).skep.login.method === method
        const words = () => new Set((skep.events(mine) as Login[]).map(event => event.skep.login.password))
        for (let rounds = 0; rounds < 3 && words().size < 3; rounds++) {
          await guess()
          await skep.eventually(mine)
        }
        return [...words()].sort()
      }
      test('guesses at Basic authentication and finds nothing', async () => {
        const guess = async () => assert.match((await hydra('http-get', '/admin/')).out, /0 valid password/)
        assert.deepEqual(await tried('basic', guess), ['alpha', 'beta', 'gamma'])
      })
      test('guesses at a form and finds nothing', async () => {
        const form = '/login.php:username=^USER^&password=^PASS^:Wrong user name'
        const guess = async () => assert.match((await hydra('http-post-form', form)).out, /0 valid password/)
        assert.deepEqual(await tried('form', guess), ['alpha', 'beta', 'gamma'])
      })
    })
  })
}
