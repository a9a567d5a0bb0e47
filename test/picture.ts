/** Makes docs/dashboard.png: the overview over a day of invented attackers. `sh bin/skep-node test/picture.ts [CHROMIUM]` */
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { seeded } from '#codec/testing.ts'
import { createAttackers, type Row } from '#hive/testing.ts'
import type { Place } from '#store/store.ts'
import { buildPage, logIn, openPage, startBrowser, startHive } from './page.ts'
import { root } from './skep.ts'

/** Countries with the share of attackers each gets, and where its cities are. Networks and numbers are of no one. */
const world: [country: string, share: number, network: string, ...cities: [lat: number, lon: number][]][] = [
  ['CN', 18, 'Example Backbone', [22.5, 114.1], [31.2, 121.5], [39.9, 116.4], [30.6, 104.1]],
  ['US', 17, 'Example Cloud', [39, -77.5], [37.3, -121.9], [41.9, -87.6], [32.8, -96.8], [47.6, -122.3]],
  ['IN', 9, 'Example Broadband', [19.1, 72.9], [28.6, 77.2], [13, 77.6]],
  ['NL', 8, 'Example Transit B.V.', [52.4, 4.9]],
  ['DE', 7, 'Example Hosting GmbH', [50.1, 8.7], [52.5, 13.4]],
  ['BR', 7, 'Exemplo Telecom', [-23.6, -46.6], [-22.9, -43.2], [-8, -34.9]],
  ['RU', 6, 'Example Line', [55.8, 37.6], [56.8, 60.6]],
  ['VN', 6, 'Example Fibre VN', [21, 105.8], [10.8, 106.7]],
  ['ID', 5, 'Example Nusantara', [-6.2, 106.8]],
  ['JP', 4, 'Example Net West', [35.7, 139.7], [34.7, 135.5]],
  ['KR', 4, 'Example Net East', [37.6, 127]],
  ['GB', 3, 'Example Hosting Ltd', [51.5, -0.1]],
  ['ZA', 2, 'Example Fibre', [-26.2, 28]],
  ['MX', 2, 'Ejemplo Redes', [19.4, -99.1]],
  ['IR', 2, 'Example Mokhaberat', [35.7, 51.4]],
  ['AU', 1, 'Example South', [-33.9, 151.2]],
]
const random = seeded(42)
const attack = createAttackers(42, 'skep')
const homes = new Map<string, Place>()

function home(ip: string): Place {
  const known = homes.get(ip)
  if (known) return known
  const tickets = world.flatMap(entry => Array<(typeof world)[number]>(entry[1]).fill(entry))
  const [country, , network, ...cities] = tickets[Math.floor(random() * tickets.length)]!
  const [lat, lon] = cities[Math.floor(random() * cities.length)]!
  const place = { country, lat, lon, asn: 64496 + world.findIndex(([code]) => code === country), network }
  homes.set(ip, place)
  return place
}
const arrive = (at: number): Row[] => attack(at).map(row => ({ ...row, place: home(row.event.source!.ip) }))

const HOUR = 3_600_000
const now = Date.now()
const rows: Row[] = []
for (let at = now - 48 * HOUR; at < now - 5000; ) {
  const wave = 1.5 + Math.sin((at / (24 * HOUR)) * 2 * Math.PI)
  const burst = Math.abs(at - (now - 7 * HOUR)) < 0.6 * HOUR ? 3 : 1
  at += (random() * 60_000) / wave / burst
  rows.push(...arrive(at))
}

const built = await buildPage()
const browser = await startBrowser(process.argv[2] ?? '/usr/bin/chromium')
const hive = await startHive(
  built,
  rows.sort((a, b) => a.event['@timestamp'].localeCompare(b.event['@timestamp'])),
)
const { page } = await openPage(browser, hive, '/', { viewport: { width: 1440, height: 1180 } })
await logIn(page)
await page.locator('.plot canvas').waitFor()
for (let n = 0; n < 14; n++) {
  await hive.arrive(arrive(Date.now()))
  await page.waitForTimeout(250)
}
await page.screenshot({ path: join(root, 'docs/dashboard.png') })
await browser.close()
await hive.close()
rmSync(built, { recursive: true })
