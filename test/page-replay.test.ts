import assert from 'node:assert/strict'
import { existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import type { Browser } from 'playwright-core'
import { openRecordings } from '#artifacts/recordings.ts'
import { recorder } from '#events/event.ts'
import { uuid7 } from '#events/uuid7.ts'
import type { Row } from '#hive/testing.ts'
import { buildPage, logIn, openPage, startBrowser, startHive, type TestHive, until } from './page.ts'

const chromium = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(existsSync)
const began = Date.now() - 3_600_000
const id = uuid7(began)

/** A session of somebody who typed two commands, as the sensor would keep it. */
function recordSession(data: string) {
  let now = began
  const open = openRecordings({
    directory: join(data, 'recordings'),
    capBytes: 1 << 20,
    quotaBytes: 1 << 30,
    floorBytes: 0,
    now: () => now,
  })
  const recording = open({ session: id, columns: 80, rows: 24, terminal: 'xterm', title: 'root' })
  for (const text of [
    'root@relay3:~# ',
    'uname -r\r\n6.1.0-28-amd64\r\nroot@relay3:~# ',
    '\x1b[31mgone\x1b[0m 日本語\r\n',
  ]) {
    recording.output(Buffer.from(text))
    now += 400
  }
  return recording.close()!
}

describe('a recorded terminal session', {
  skip: chromium ? false : 'no Chromium here: apt-get install chromium',
}, () => {
  let browser: Browser
  let built: string
  let hive: TestHive

  before(async () => {
    built = await buildPage()
    browser = await startBrowser(chromium!)
    hive = await startHive(built, [])
    const kept = recordSession(hive.data)
    const rows: Row[] = []
    const who = {
      session: id,
      service: 'ssh',
      source: { ip: '192.0.2.66', port: 40_000 },
      destination: { ip: '203.0.113.250', port: 22 },
      transport: 'tcp' as const,
    }
    const sink = (event: Row['event']) => void rows.push({ event, place: {} })
    const record = recorder(who, { sensor: 'skep-test', sink, now: () => began })
    record.login({ method: 'password', user: 'root', password: 'admin', outcome: 'success' })
    record.terminal({ type: 'xterm', columns: 80, rows: 24 })
    record.command({ line: 'uname -r' })
    record.recording({ ...kept, path: `recordings/${id.slice(-2)}/${id}.cast.zst` })
    await hive.arrive(rows)
  })
  after(async () => {
    await browser?.close()
    await hive?.close()
    if (built) rmSync(built, { recursive: true, force: true })
  })

  for (const [name, viewport] of [
    ['a desk', { width: 1440, height: 900 }],
    ['a phone', { width: 390, height: 844 }],
  ] as const)
    it(`plays in the page, on ${name}`, async () => {
      const { page, sins, close } = await openPage(browser, hive, `/sessions/${id}`, { viewport })
      await logIn(page)
      await page.getByRole('button', { name: 'Play' }).click()
      const terminal = page.locator('.replay .ap-term')
      await terminal.waitFor()
      // The end of it comes after its pauses.
      await until(page, () => document.querySelector('.replay')?.textContent?.includes('gone'))
      const shown = (await page.locator('.replay').textContent())!.replaceAll('\u00a0', ' ')
      assert.match(shown, /6\.1\.0-28-amd64/)
      assert.match(shown, /日\s*本\s*語/)
      const [content, width] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth])
      assert.equal(content, width)
      if (process.env.SKEP_SHOTS)
        await page.screenshot({ path: `${process.env.SKEP_SHOTS}/replay-${viewport.width}.png` })
      await close()
      assert.deepEqual(sins, { foreign: [], policy: [], thrown: [] })
    })

  it('says so when it is no longer there', async () => {
    rmSync(join(hive.data, 'recordings'), { recursive: true })
    const { page, close } = await openPage(browser, hive, `/sessions/${id}`)
    await logIn(page)
    await page.getByRole('button', { name: 'Play' }).click()
    await page.getByText('The recording is no longer here.').waitFor()
    await close()
  })
})
