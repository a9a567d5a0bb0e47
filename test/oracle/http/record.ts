/**
 * Records what Debian's nginx and Apache answer to the dialogue, on loopback, with Debian's default configuration:
 *
 *     sudo sh bin/skep-node test/oracle/http/record.ts
 *
 * Needs the packages nginx-light and apache2 and root (both drop to www-data); writes `nginx.json` and `apache.json`.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { connect as connectTls } from 'node:tls'
import { dialogue, type Exchange } from './dialogue.ts'

/** When the pages of the recorded site were installed, in seconds: the fixture persona's date. */
export const INSTALLED = 1_717_243_445
const ADDRESS = '127.0.0.80'
export const ETAGS = { nginx: `"${INSTALLED.toString(16)}-267"`, apache: `"29cd-${(INSTALLED * 1e6).toString(16)}"` }

/** Stands in a recording for the product's whole front page. */
export const PAGE = '\0front page\0'
const pages = { nginx: '/usr/share/nginx/html/index.html', apache: '/usr/share/apache2/default-site/index.html' }

/** One answer: bytes as Latin-1, and seconds until the server closed, if it did. */
export type Answer = { name: string; received: string; closed: boolean; seconds?: number }

export const fill = (piece: string, product: keyof typeof ETAGS) =>
  piece.replaceAll('{etag}', ETAGS[product]).replaceAll('{modified}', new Date(INSTALLED * 1000).toUTCString())

function ask(exchange: Exchange, product: keyof typeof ETAGS): Promise<Answer> {
  return new Promise(resolve => {
    const options = { host: ADDRESS, port: exchange.port ? 443 : 80, allowHalfOpen: true }
    const socket = exchange.port === 'https' ? connectTls({ ...options, rejectUnauthorized: false }) : connect(options)
    const started = Date.now()
    const chunks: Buffer[] = []
    let quiet: NodeJS.Timeout
    const finish = (closed: boolean) => {
      clearTimeout(quiet)
      socket.destroy()
      const seconds = exchange.patience && closed ? { seconds: Math.round((Date.now() - started) / 1000) } : {}
      resolve({ name: exchange.name, received: Buffer.concat(chunks).toString('latin1'), closed, ...seconds })
    }
    const listen = () => {
      clearTimeout(quiet)
      quiet = setTimeout(() => finish(false), 1000 * (exchange.patience ?? 0.7))
    }
    socket.on('data', (chunk: Buffer) => {
      chunks.push(chunk)
      if (!exchange.patience) listen()
    })
    socket.on('end', () => finish(true))
    socket.on('error', () => finish(true))
    socket.on(exchange.port === 'https' ? 'secureConnect' : 'connect', async () => {
      listen()
      for (const piece of exchange.send) {
        socket.write(fill(piece, product), 'latin1')
        await sleep(250)
        if (!exchange.patience) listen()
      }
    })
  })
}

async function record(product: keyof typeof ETAGS): Promise<Answer[]> {
  const answers: Answer[] = []
  const patient = Promise.all(dialogue.filter(e => e.patience).map(e => ask(e, product)))
  for (const exchange of dialogue.filter(e => !e.patience)) answers.push(await ask(exchange, product))
  return [...answers, ...(await patient)]
}

function site(directory: string) {
  const root = `${directory}/html`
  mkdirSync(root, { recursive: true })
  const page = (from: string, name: string) => {
    cpSync(from, `${root}/${name}`)
    utimesSync(`${root}/${name}`, INSTALLED, INSTALLED)
  }
  execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-subj', '/CN=web.example.test', '-days', '30',
    '-keyout', `${directory}/key.pem`, '-out', `${directory}/cert.pem`], { stdio: 'ignore' }) // biome-ignore format: one command
  writeFileSync(`${directory}/users`, 'someone:$apr1$qK0rOUGy$VcZlOKAbYJ9SvMwQ7fKsd1\n')
  return { root, page }
}

function nginx(directory: string): ChildProcess {
  const { root, page } = site(directory)
  page(pages.nginx, 'index.nginx-debian.html')
  const server = (listen: string) => `server {
    listen ${listen}; root ${root}; index index.html index.htm index.nginx-debian.html; server_name _;
    ssl_certificate ${directory}/cert.pem; ssl_certificate_key ${directory}/key.pem;
    location / { try_files $uri $uri/ =404; }
    location /admin { auth_basic "Restricted Content"; auth_basic_user_file ${directory}/users; }
  }`
  const sites = `${directory}/sites`
  mkdirSync(sites)
  writeFileSync(
    `${sites}/default`,
    server(`${ADDRESS}:80 default_server`) + server(`${ADDRESS}:443 ssl default_server`),
  )
  const conf = readFileSync('/etc/nginx/nginx.conf', 'utf8')
    .replace('/etc/nginx/sites-enabled', sites)
    .replace(/^pid .*$/m, `pid ${directory}/nginx.pid;`)
    .replace('/var/log/nginx/access.log', `${directory}/access.log`)
    .replace('/var/log/nginx/error.log', `${directory}/error.log`)
  writeFileSync(`${directory}/nginx.conf`, conf)
  return spawn('nginx', ['-c', `${directory}/nginx.conf`, '-g', 'daemon off;'], { stdio: 'inherit' })
}

function apache(directory: string): ChildProcess {
  const { root, page } = site(directory)
  page(pages.apache, 'index.html')
  cpSync('/etc/apache2', `${directory}/etc`, { recursive: true, verbatimSymlinks: true })
  execFileSync(
    'sh',
    ['-c', 'cd mods-enabled && ln -sf ../mods-available/ssl.* ../mods-available/socache_shmcb.load .'],
    {
      cwd: `${directory}/etc`,
    },
  )
  // What a stranger sees of /server-status, not what loopback does.
  execFileSync('sed', ['-i', 's/Require local/Require ip 192.0.2.1/', 'mods-available/status.conf'], {
    cwd: `${directory}/etc`,
  })
  writeFileSync(
    `${directory}/etc/ports.conf`,
    `Listen ${ADDRESS}:80\nListen ${ADDRESS}:443\nServerName web.example.test\n`,
  )
  const host = (port: number, more = '') => `<VirtualHost *:${port}>
    DocumentRoot ${root}\n${more}
    <Directory ${root}>\nOptions Indexes FollowSymLinks\nAllowOverride None\nRequire all granted\n</Directory>
    <Location /admin>\nAuthType Basic\nAuthName "Restricted Content"\nAuthBasicProvider file
    AuthUserFile ${directory}/users\nRequire valid-user\n</Location>\n</VirtualHost>\n`
  writeFileSync(
    `${directory}/etc/sites-enabled/000-default.conf`,
    host(80) +
      host(443, `SSLEngine on\nSSLCertificateFile ${directory}/cert.pem\nSSLCertificateKeyFile ${directory}/key.pem`),
  )
  const env = {
    ...process.env,
    APACHE_RUN_USER: 'www-data',
    APACHE_RUN_GROUP: 'www-data',
    APACHE_RUN_DIR: directory,
    APACHE_LOCK_DIR: directory,
    APACHE_LOG_DIR: directory,
    APACHE_PID_FILE: `${directory}/apache.pid`,
  }
  return spawn('apache2', ['-d', `${directory}/etc`, '-D', 'FOREGROUND'], { stdio: 'inherit', env })
}

if (import.meta.main) {
  const here = import.meta.dirname
  for (const [product, start] of [
    ['nginx', nginx],
    ['apache', apache],
  ] as const) {
    if (process.argv[2] && process.argv[2] !== product) continue
    const directory = mkdtempSync(`${tmpdir()}/oracle-`)
    execFileSync('chmod', ['755', directory])
    const child = start(directory)
    await sleep(1500)
    const answers = await record(product)
    child.kill('SIGTERM')
    await sleep(500)
    rmSync(directory, { recursive: true })
    mkdirSync(`${here}/fixtures`, { recursive: true })
    const page = readFileSync(pages[product], 'latin1')
    const short = answers.map(answer => ({ ...answer, received: answer.received.replaceAll(page, PAGE) }))
    writeFileSync(`${here}/fixtures/${product}.json`, `[\n${short.map(a => JSON.stringify(a)).join(',\n')}\n]\n`)
    console.log(`${product}: ${answers.length} exchanges`)
  }
}
