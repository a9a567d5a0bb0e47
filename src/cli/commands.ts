import type { Command } from './usage.ts'

type Entry = { summary: string; load: () => Promise<{ default: Command }> }

/** Every subcommand, in the order in which help lists them. */
export const commands: ReadonlyMap<string, Entry> = new Map<string, Entry>([
  ['up', { summary: 'start everything (the same as npm start)', load: () => import('./up.ts') }],
  [
    'doctor',
    { summary: 'is this machine ready: ports, disk, clock, database, privileges', load: () => import('./doctor.ts') },
  ],
  ['events', { summary: 'print events from the journal, and follow it', load: () => import('./events.ts') }],
  ['replay', { summary: 'play back what an attacker saw and typed', load: () => import('./replay.ts') }],
  ['sql', { summary: 'ask the store anything', load: () => import('./sql.ts') }],
  [
    'service',
    { summary: 'what can run, what runs, and since when it last saw anybody', load: () => import('./service.ts') },
  ],
  ['user', { summary: 'accounts of the page', load: () => import('./user.ts') }],
  ['config', { summary: 'check skep.yaml, print its schema', load: () => import('./config.ts') }],
  [
    'providers',
    { summary: 'who allows honeypots, under which conditions; letters to them', load: () => import('./providers.ts') },
  ],
  [
    'firewall',
    { summary: 'the lock on the way out: print, apply, check, remove', load: () => import('./firewall.ts') },
  ],
  ['reload', { summary: 'make the running program read its configuration again', load: () => import('./reload.ts') }],
  ['help', { summary: 'this text', load: () => import('./help.ts') }],
  ['version', { summary: 'the version', load: () => import('./version.ts') }],
])
