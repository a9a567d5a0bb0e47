import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core'
import { build } from 'vite'
import { openAccounts } from '#hive/accounts.ts'
import { createHive } from '#hive/hive.ts'
import { createLive } from '#hive/live.ts'
import type { Status } from '#hive/shapes.ts'
import { createFakeStore, decoys, type Row } from '#hive/testing.ts'
import { root } from './skep.ts'

/** Builds the page from its present sources into a folder of its own. */
export async function buildPage(): Promise<string> {
  const outDir = mkdtempSync(join(tmpdir(), 'skep-page-'))
  await build({ configFile: join(root, 'dashboard/vite.config.ts'), logLevel: 'error', build: { outDir } })
  return outDir
}

const startedAt = Date.now()
const status = (): Status => ({
  startedAt,
  lagMs: 0,
  pendingBytes: 0,
  lost: 0,
  disk: { free: 5e9, total: 2e10 },
  geo: { source: 'Example City Lite', date: '2026-06', attribution: ['Geography by Example, CC BY 4.0'] },
  services: [
    ...decoys.map(({ service, title, replaces, port }) => ({
      service,
      title,
      replaces: [...replaces],
      transport: 'tcp' as const,
      tls: false,
      address: '0.0.0.0',
      port,
      state: 'listening' as const,
    })),
    {
      service: 'https',
      title: 'nginx 1.22',
      replaces: [],
      transport: 'tcp',
      tls: true,
      address: '0.0.0.0',
      port: 443,
      state: 'down',
      why: 'Port 443 is taken by nginx (pid 812)',
    },
  ],
  processes: [{ name: 'hive', pid: 1, state: 'running', restarts: 2, since: startedAt }],
  standing: {
    provider: {
      id: 'example',
      name: 'Example VPS',
      verdict: 'conditional',
      seen: '2024-03-05',
      stale: true,
      conditions: [
        { id: 'no-outbound' },
        { id: 'low-impact', unmet: 'the cap on bandwidth is the firewall’s, which is not in force' },
      ],
      permission: { date: '2026-10-01', statement: 'Ticket 4711: the support agreed' },
    },
    guesses: [],
  },
  lock: {
    state: 'proved',
    at: startedAt,
    ways: [{ what: 'TCP over IPv4', how: 'no answer' }],
    dropped: { tcp_ipv4: 3, udp_ipv6: 1 },
  },
  caps: [{ what: 'connections', used: 17, cap: 12_000 }],
})

/** The hive over a store of `rows`, with accounts admin/admin and viewer/viewer. */
export async function startHive(page: string, rows: Row[], port = 0) {
  const data = mkdtempSync(join(tmpdir(), 'skep-hive-'))
  const accounts = openAccounts({ file: join(data, 'users.json'), cost: { ln: 4, r: 8, p: 1 }, weakPasswords: true })
  await accounts.add('admin', 'admin', 'admin')
  await accounts.add('viewer', 'viewer', 'viewer')
  const store = createFakeStore(rows)
  const live = createLive()
  const sensor = { name: 'skep-test', version: '0.1.0' }
  const settings = { sensor, address: '127.0.0.1', port, names: [], data, page }
  const hive = createHive({ store, live, accounts, status, settings })
  const listening = await hive.listen()
  return {
    store,
    data,
    origin: `https://127.0.0.1:${listening.port}`,
    port: listening.port,
    /** Events come in: stored, then told to whoever listens. */
    async arrive(batch: Row[]) {
      await store.ingest({ events: batch.map(row => ({ ...row, json: JSON.stringify(row.event) })), positions: [] })
      live.publish(batch)
    },
    async close() {
      await hive.close()
      rmSync(data, { recursive: true, force: true })
    },
  }
}
export type TestHive = Awaited<ReturnType<typeof startHive>>

export const startBrowser = (executablePath: string): Promise<Browser> =>
  chromium.launch({
    executablePath,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  })

/** What a page must never do: ask anybody else, break its content security policy, throw. */
export type Sins = { foreign: string[]; policy: string[]; thrown: string[] }

/** What a page asked for and has no answer to yet, to name it where a test waits in vain. */
const unanswered = new WeakMap<Page, Set<string>>()

export async function openPage(browser: Browser, hive: TestHive, path: string, options: BrowserContextOptions = {}) {
  const context = await browser.newContext({
    ignoreHTTPSErrors: true,
    locale: 'en-GB',
    timezoneId: 'Asia/Tokyo',
    viewport: { width: 1440, height: 900 },
    ...options,
  })
  const page = await context.newPage()
  const sins: Sins = { foreign: [], policy: [], thrown: [] }
  const waiting = new Set<string>()
  unanswered.set(page, waiting)
  page.on('requestfinished', request => waiting.delete(request.url()))
  page.on('requestfailed', request => waiting.delete(request.url()))
  page.on('request', request => {
    waiting.add(request.url())
    if (new URL(request.url()).origin !== hive.origin) sins.foreign.push(request.url())
  })
  page.on('console', message => {
    if (/content security policy/i.test(message.text())) sins.policy.push(message.text())
  })
  page.on('pageerror', error => sins.thrown.push(String(error.stack)))
  await page.goto(hive.origin + path)
  return { page, sins, close: () => context.close() }
}

/**
 * Waits until `holds` is true in the page. It is asked by the clock: an idle browser without a screen may draw no frame,
 * by which it would be asked otherwise.
 */
export const until = <A>(page: Page, holds: (arg: A) => unknown, arg?: A) =>
  page.waitForFunction(holds as (arg: unknown) => unknown, arg, { polling: 100 })

/** Waits until nothing of the page is loading, nor matches `besides`; says what is, if that does not come. */
export async function settled(page: Page, besides?: string): Promise<void> {
  const waited = besides === undefined ? '.loading' : `.loading, ${besides}`
  try {
    await until(page, selector => !document.querySelector(selector), waited)
  } catch (error) {
    const stuck = await page.evaluate(
      selector => ({
        hidden: document.hidden,
        panels: [...document.querySelectorAll(selector)].map(
          node => node.closest('[aria-label]')?.getAttribute('aria-label') ?? node.outerHTML.slice(0, 200),
        ),
      }),
      waited,
    )
    const asked = [...(unanswered.get(page) ?? [])]
    throw new Error(`${page.url()} still loads: ${JSON.stringify({ ...stuck, asked })}`, { cause: error })
  }
}

export async function logIn(page: Page, user = 'admin') {
  await page.fill('#user', user)
  await page.fill('#password', user)
  await page.keyboard.press('Enter')
  await page.waitForSelector('.top')
}
