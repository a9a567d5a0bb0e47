import type { Persona } from '#persona/persona.ts'
import type { Publisher, Source, States } from './live.ts'

/** A small installation and what its devices say: their readings follow the time, so that they agree at every visit. */

/** Between -1 and 1, smooth, of about `minutes` a turn, the same for the same persona and time. */
export function waverOf(persona: Persona): (label: string, at: number, minutes: number) => number {
  const phases = new Map<string, number>()
  return (label, at, minutes) => {
    const phase = phases.get(label) ?? persona.derive(`mqtt ${label}`, 2).readUInt16BE() / 65_536
    phases.set(label, phase)
    const turns = at / 60_000 / minutes + phase
    return 0.6 * Math.sin(2 * Math.PI * turns) + 0.4 * Math.sin(2 * Math.PI * (turns * 3.7 + phase))
  }
}

type Waver = ReturnType<typeof waverOf>
export type Installation = { sources: Source[]; clients: number; react: Publisher['react'] }

const second = 1000
const kept = (topic: string, value: Source['value'], every = 0, offset = 0): Source => ({
  topic,
  every: every * second,
  offset: offset * second,
  qos: 0,
  retain: true,
  value,
})
const said = (topic: string, every: number, offset: number, value: Source['value']): Source => ({
  ...kept(topic, value, every, offset),
  retain: false,
})

/** Nobody's: a broker that was just set up. */
const none = (): Installation => ({ sources: [], clients: 1, react: () => [] })

function home(persona: Persona, waver: Waver): Installation {
  const hex = (label: string, bytes: number) => persona.derive(`mqtt ${label}`, bytes).toString('hex')
  const pick = <T>(label: string, from: readonly T[]): T => from[persona.derive(`mqtt ${label}`, 1)[0]! % from.length]!
  const rooms = ['living_room', 'kitchen', 'bedroom', 'bathroom', 'garage', 'office', 'hallway', 'basement']
  const first = persona.derive('mqtt rooms', 1)[0]! % rooms.length
  const sensed = Array.from({ length: 3 }, (_, i) => rooms[(first + 3 * i) % rooms.length]!)
  const plugs = ['washer', 'heater', 'pump', 'desk'].slice(0, 2 + (first % 2))
  const light = `${rooms[(first + 1) % rooms.length]}_light`
  const stateOf = (states: States, name: string) =>
    states.get(name) ?? (name === 'heater' || name === light ? 'OFF' : 'ON')
  const meter = `shellyem-${hex('meter', 3).toUpperCase()}`
  const zigbee = pick('zigbee2mqtt', ['1.33.2', '1.35.3', '1.36.1', '1.38.0'])
  const tasmota = pick('tasmota', ['12.5.0', '13.2.0', '13.4.0', '14.1.0'])
  const power = (states: States, plug: string, at: number) =>
    stateOf(states, plug) === 'OFF' ? 0 : Math.round(60 + 55 * waver(`${plug} power`, at, 40))
  const time = (at: number) => new Date(at + persona.timezone.offset * 60_000).toISOString().slice(0, 19)
  const lamp = (states: States) =>
    JSON.stringify({ brightness: 180, color_temp: 366, linkquality: 96, state: stateOf(states, light) })
  const sources = [
    kept('homeassistant/status', () => 'online'),
    kept('zigbee2mqtt/bridge/state', () => '{"state":"online"}'),
    kept('zigbee2mqtt/bridge/info', () =>
      JSON.stringify({
        version: zigbee,
        commit: hex('commit', 4).slice(0, 7),
        coordinator: { type: 'zStack3x0', ieee_address: `0x00124b00${hex('coordinator', 4)}` },
        network: { channel: pick('channel', [11, 15, 20, 25]), pan_id: 6754 },
        log_level: 'info',
        permit_join: false,
      }),
    ),
    ...sensed.flatMap((room, i) => {
      const address = `0x00158d00${hex(room, 4)}`
      return [
        kept(`homeassistant/sensor/${address}/temperature/config`, () =>
          JSON.stringify({
            device_class: 'temperature',
            device: { identifiers: [`zigbee2mqtt_${address}`], model: 'WSDCGQ11LM', name: `${room}_climate` },
            name: `${room}_climate temperature`,
            state_topic: `zigbee2mqtt/${room}_climate`,
            unit_of_measurement: '°C',
            value_template: '{{ value_json.temperature }}',
          }),
        ),
        kept(
          `zigbee2mqtt/${room}_climate`,
          at =>
            JSON.stringify({
              battery: 60 + ((first * 7 + i * 11) % 40),
              humidity: Number((48 + 6 * waver(`${room} humidity`, at, 600)).toFixed(2)),
              linkquality: 60 + Math.round(20 * waver(`${room} link`, at, 30)),
              pressure: Number((1009 + 9 * waver('pressure', at, 4000)).toFixed(1)),
              temperature: Number((20.5 + i + 1.4 * waver(`${room} temperature`, at, 1440)).toFixed(2)),
              voltage: 2985 + 5 * i,
            }),
          120 + 37 * i,
          11 * i,
        ),
      ]
    }),
    kept(`zigbee2mqtt/${light}`, (_, { states }) => lamp(states)),
    ...plugs.flatMap((plug, i) => [
      kept(`tele/${plug}/LWT`, () => 'Online'),
      kept(`tasmota/discovery/${hex(plug, 6).toUpperCase()}/config`, () =>
        JSON.stringify({
          ip: `192.168.1.${40 + first + i}`,
          dn: plug,
          fn: [plug, null],
          hn: `${plug}-${(first * 97 + i) % 8192}`,
          mac: hex(plug, 6).toUpperCase(),
          md: 'Sonoff S31',
          sw: tasmota,
          t: plug,
          tp: ['cmnd', 'stat', 'tele'],
        }),
      ),
      kept(`stat/${plug}/POWER`, (_, { states }) => stateOf(states, plug)),
      said(`tele/${plug}/STATE`, 300, 17 * i, (at, { states }) =>
        JSON.stringify({
          Time: time(at),
          UptimeSec: Math.floor((at - persona.bootedAt) / 1000),
          Heap: 27,
          POWER: stateOf(states, plug),
          Wifi: { AP: 1, RSSI: 70 + Math.round(12 * waver(`${plug} wifi`, at, 20)), LinkCount: 1 },
        }),
      ),
      said(`tele/${plug}/SENSOR`, 60, 5 + 17 * i, (at, { states }) =>
        JSON.stringify({
          Time: time(at),
          ENERGY: {
            Total: Number((120 + i * 80 + (at - persona.installedAt) / 6e7).toFixed(3)),
            Power: power(states, plug, at),
            Voltage: 231 + Math.round(4 * waver('mains', at, 300)),
            Current: Number((power(states, plug, at) / 231).toFixed(3)),
          },
        }),
      ),
    ]),
    kept(`shellies/${meter}/online`, () => 'true'),
    kept(`shellies/${meter}/emeter/0/power`, at => (640 + 420 * waver('house', at, 240)).toFixed(2), 30, 3),
    kept(`shellies/${meter}/emeter/0/voltage`, at => (231 + 4 * waver('mains', at, 300)).toFixed(2), 30, 3),
  ]
  return {
    sources,
    clients: 4 + plugs.length,
    react(states, topic, payload) {
      const [, plug = '', verb = ''] = /^cmnd\/(\w{1,32})\/(\w{1,32})$/.exec(topic) ?? []
      if (plugs.includes(plug)) {
        const known = /^power1?$/i.test(verb)
        const next = wanted(payload, stateOf(states, plug))
        if (known) states.set(plug, next)
        return known
          ? [
              { topic: `stat/${plug}/RESULT`, payload: `{"POWER":"${next}"}`, retain: false },
              { topic: `stat/${plug}/POWER`, payload: next, retain: true },
            ]
          : [{ topic: `stat/${plug}/RESULT`, payload: '{"Command":"Unknown"}', retain: false }]
      }
      if (topic !== `zigbee2mqtt/${light}/set`) return []
      states.set(
        light,
        wanted(/"state"\s{0,4}:\s{0,4}"(\w{1,8})"/.exec(payload)?.[1] ?? payload, stateOf(states, light)),
      )
      return [{ topic: `zigbee2mqtt/${light}`, payload: lamp(states), retain: true }]
    },
  }
}

const wanted = (payload: string, now: string): string => {
  const word = payload.trim().toUpperCase()
  if (word === 'TOGGLE' || word === '2') return now === 'ON' ? 'OFF' : 'ON'
  if (word === 'ON' || word === '1') return 'ON'
  return word === 'OFF' || word === '0' ? 'OFF' : now
}

function factory(persona: Persona, waver: Waver): Installation {
  const number = (label: string, below: number) => persona.derive(`mqtt ${label}`, 2).readUInt16BE() % below
  const site = persona.domain.split('.')[0]!
  const gateway = `${site}/gateway-${10 + number('gateway', 80)}`
  const machines = ['press', 'oven', 'conveyor', 'compressor', 'chiller', 'mixer']
  const first = number('machines', machines.length)
  const lines = 1 + number('lines', 2)
  const sources = [kept(`${gateway}/status`, () => 'online'), kept(`${gateway}/firmware`, () => '2.4.1')]
  for (let line = 1; line <= lines; line++)
    for (let i = 0; i < 3; i++) {
      const machine = `${site}/line${line}/${machines[(first + i + line) % machines.length]}`
      const label = `${machine} `
      const offset = 2 * i + line
      sources.push(
        kept(`${machine}/state`, at => (waver(`${label}state`, at, 500) > -0.7 ? 'RUN' : 'IDLE'), 60, offset),
        kept(`${machine}/temperature`, at => (54 + 9 * waver(`${label}heat`, at, 90)).toFixed(1), 10, offset),
        kept(`${machine}/vibration`, at => (2.1 + 0.8 * waver(`${label}shake`, at, 5)).toFixed(2), 10, offset),
        kept(`${machine}/count`, at => String(Math.floor((at - persona.installedAt) / (7400 + 900 * i))), 30, offset),
        kept(`${machine}/setpoint`, () => String(40 + 5 * number(`${label}setpoint`, 8))),
        kept(`${machine}/alarm`, () => '0'),
      )
    }
  sources.push(
    said(`${gateway}/heartbeat`, 30, 1, at =>
      JSON.stringify({ ts: at, up: Math.floor((at - persona.bootedAt) / 1000) }),
    ),
  )
  return {
    sources,
    clients: 3 + lines,
    react(_, topic, payload) {
      const found = /^(.{1,80}\/(?:setpoint|alarm))\/set$/.exec(topic)
      if (!found || !sources.some(source => source.topic === found[1])) return []
      return [{ topic: found[1]!, payload: payload.slice(0, 32), retain: true }]
    },
  }
}

const installations = new Map<string, (persona: Persona, waver: Waver) => Installation>([
  ['home', home],
  ['factory', factory],
  ['none', none],
])

/** What is installed, and how the broker is burdened with it. */
export function installationOf(persona: Persona, waver: Waver, chosen: string | undefined): Installation {
  const drawn = persona.derive('mqtt installation', 1)[0]! % 2 === 0 ? 'home' : 'factory'
  return installations.get(chosen ?? drawn)!(persona, waver)
}
