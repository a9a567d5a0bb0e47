import type { Draw } from './draw.ts'
import type { Hosting } from './hosting.ts'
import type { Region } from './regions.ts'
import type { ReleaseId } from './releases/index.ts'

const onsets = `b c d f g h k l m n p r s t v w z b c d f k l m n p r s t v br cl cr dr fl gr pl st tr sh th`.split(' ')
const nuclei = 'a e i o u a e i o a e o ea ia'.split(' ')
const endings = [
  'n',
  'r',
  's',
  'x',
  'l',
  'm',
  'nt',
  'rn',
  'ro',
  'ra',
  'no',
  'na',
  'la',
  'va',
  'vo',
  'ta',
  'do',
  'ris',
  'ton',
  'lin',
]
const morae =
  `ka ki ku ke ko sa shi su se so ta chi tsu te to na ni ne no ha hi fu ho ma mi mu me mo ya yu yo ra ri ru re
  ro wa ga gi go za ji da de do ba bi bu be bo`.split(/\s+/)

/** A word nobody has used: long enough that a company of that name is unlikely. */
const inventedWord = (draw: Draw, sound: Region['sound']): string => {
  let word = ''
  // Four morae at least: well-known names of three are too easily met.
  if (sound === 'japanese') for (let i = draw.between(4, 5); i > 0; i--) word += draw.pick(morae)
  else {
    for (let i = draw.between(2, 3); i > 0; i--) word += draw.pick(onsets) + draw.pick(nuclei)
    word += draw.pick(endings)
  }
  return word.slice(0, 13)
}

const trades = {
  japanese: [
    '',
    '',
    'works',
    'soft',
    'kikaku',
    'shoji',
    'denki',
    'sekkei',
    '-lab',
    '-net',
    '-system',
    'design',
    '-dev',
  ],
  western: [
    '',
    '',
    '',
    'soft',
    'labs',
    'media',
    '-it',
    '-systems',
    'net',
    'data',
    '-group',
    'tech',
    '-hosting',
    'works',
  ],
}

/** A registrable domain and the name its owner goes by. */
export const inventOrganisation = (draw: Draw, region: Region): { domain: string; name: string } => {
  const word = inventedWord(draw, region.sound)
  const trade = draw.pick(trades[region.sound])
  const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)
  const name = [capital(word), capital(trade.replace('-', ''))].filter(Boolean).join(' ')
  return { domain: `${word}${trade}.${draw.pick(region.suffixes)}`, name }
}

const roles = `web www app api db sql mail mx smtp ns dns proxy lb cache redis git ci build files backup store shop blog
  wiki dev test stage mon log vpn gw node host srv cloud media cdn ftp crm erp portal intra auth worker cron`.split(
  /\s+/,
)
const environments = 'prod prd live stg stage dev test qa pre'.split(' ')
const pets =
  `jupiter saturn mercury venus mars pluto neptune titan europa callisto orion vega sirius altair rigel polaris
  zeus hera apollo athena hermes ares artemis odin thor freya loki balder heimdall falcon eagle raven heron otter badger
  lynx puma panda koala gecko viper cobra shark orca walrus bison moose oak maple cedar birch willow juniper aspen
  basil ginger pepper saffron copper cobalt nickel quartz onyx granite basalt amber topaz bach mozart chopin verdi
  kepler tycho hubble planck bohr fermi curie darwin hawking turing knuth babbage`.split(/\s+/)
const japanesePets = `sakura momiji tsubaki ajisai kikyo asagao himawari fuji asama aso hakone nikko kirishima tsuru
  hayabusa suzume tombo hotaru kitsune tanuki kuma neko inu tora ryu hikari kodama nozomi mizuho azusa hakutaka kagayaki
  ume matsu take hinoki kaede susuki yuki hoshi tsuki kaze nami umi mori kawa`.split(/\s+/)
const places = 'fra ams lon par nyc lax sin tyo osa sfo chi dal sea tor syd waw vie zrh mil mad'.split(' ')

type Guest = { release: ReleaseId; memory: number; cores: number }

/** A host name in one of the ways people and their providers give them. */
export const inventHostname = (draw: Draw, hosting: Hosting, region: Region, guest: Guest): string => {
  const role = draw.pick(roles)
  const separator = draw.pick(['', '', '-'])
  const number = draw.between(1, draw.chance(0.7) ? 4 : 30)
  const digits = draw.chance(0.5) ? String(number).padStart(2, '0') : String(number)
  const numbered = `${role}${separator}${digits}`
  const pet = draw.pick(region.sound === 'japanese' ? japanesePets : pets)
  const byProvider = hosting.defaultHostname
  return draw.weighted<() => string>([
    ...(byProvider ? [[45, () => byProvider(draw, guest)] as const] : []),
    [18, () => numbered],
    [5, () => role],
    [8, () => `${draw.pick(environments)}-${numbered}`],
    [6, () => `${role}-${draw.pick(environments)}-${digits}`],
    [5, () => `${role}${number}-${draw.pick(places)}`],
    [4, () => `${draw.pick(places)}-${numbered}`],
    [12, () => pet],
    [5, () => `${pet}${number}`],
    [6, () => `${inventedWord(draw, region.sound).slice(0, 7)}${draw.chance(0.4) ? digits : ''}`],
    [7, () => `vps${draw.string('0123456789', draw.between(3, 6))}`],
    [4, () => `v${draw.between(1000, 99999)}`],
    [3, () => `s${draw.between(1, 9)}-${draw.string('0123456789', 4)}`],
    [3, () => `${draw.pick(region.given)}-${draw.pick(['vps', 'srv', 'box', 'server'])}`],
  ])()
}

/** Accounts above uid 1000, in the order they were made. */
export const inventUsers = (draw: Draw, region: Region, release: ReleaseId): { name: string; uid: number }[] => {
  const person = (): string => {
    const [given, family] = [draw.pick(region.given), draw.pick(region.family)]
    return draw.weighted<() => string>([
      [50, () => given],
      [22, () => `${given[0]}${family}`],
      [12, () => family],
      [8, () => `${given}${family[0]}`],
      [8, () => `${given}${draw.between(1, 99)}`],
    ])()
  }
  const names: string[] = []
  if (draw.chance(0.45)) names.push(release.startsWith('debian') ? 'debian' : 'ubuntu')
  for (
    let i = draw.weighted([
      [5, 1],
      [3, 2],
      [2, 3],
    ] as const);
    i > 0;
    i--
  )
    names.push(person())
  if (draw.chance(0.3))
    names.push(draw.pick(['deploy', 'git', 'backup-user', 'webadmin', 'ftpuser', 'ops', 'www', 'dev']))
  return [...new Set(names)].map((name, i) => ({ name, uid: 1000 + i }))
}
