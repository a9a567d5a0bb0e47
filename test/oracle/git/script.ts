import { packet } from '#services/git/pktline.ts'
import { type Repository, repositoriesOf } from '#services/git/repositories.ts'
import { testPersona } from '#services/testing/persona.ts'
import type { Script } from '../kit/dialogue.ts'

/** The first of the persona's repositories is what the real daemon has too. */
export const [name, repository] = [...repositoriesOf(testPersona)][0] as [string, Repository]
const [branch, version] = repository.refs as [{ id: string; name: string }, { id: string; peeled: string }]
const head = branch.id
const absent = '0123456789abcdef0123456789abcdef01234567'
const host = '\0host=git.example\0'
const open = (path = `/${name}`, extra = '') => packet(`git-upload-pack ${path}${host}${extra}`)
const done = packet('done\n')
const flush = '0000'
const can = 'multi_ack_detailed side-band-64k thin-pack no-progress include-tag ofs-delta agent=git/2.39.5'
const want = (capabilities: string, id = head) => packet(`want ${id} ${capabilities}\n`)
const have = (id: string) => packet(`have ${id}\n`)
const two = '\0version=2\0'
const command = (what: string, ...args: string[]) =>
  packet(`command=${what}\n`) +
  packet('agent=git/2.39.5') +
  packet('object-format=sha1') +
  (args.length > 0 ? `0001${args.map(packet).join('')}` : '') +
  flush

export const script: Script = {
  'versions 0, 1 and beyond': [open()],
  'version 1': [open(`/${name}`, '\0version=1\0')],
  'version 2': [open(`/${name}`, two)],
  'version 3': [open(`/${name}`, '\0version=3\0')],
  'with .git': [open(`/${name}.git`)],
  'with a slash': [open(`/${name}/`)],
  'without a host': [packet(`git-upload-pack /${name}\0`)],
  'without a NUL': [packet(`git-upload-pack /${name}`)],
  'with a line end': [packet(`git-upload-pack /${name}\n${host}`)],
  'no such repository': [open('/nope')],
  'no such repository, version 2': [open('/nope', two)],
  'no slash in front': [open(name)],
  'a way out': [open('/../etc')],
  'a way out within': [open(`/${name}/../${name}`)],
  nothing: [packet('git-upload-pack ')],
  'a home': [open('/~root/x')],
  'an empty path': [open('')],
  push: [packet(`git-receive-pack /${name}${host}`)],
  archive: [packet(`git-upload-archive /${name}${host}`)],
  'a service that is none': [packet(`git-frob /${name}${host}`)],
  'a page of the web': ['GET / HTTP/1.0\r\n\r\n'],
  'no hex': ['zzzz'],
  'a flush': [flush],
  'an empty packet': ['0004'],
  'a length of three': ['0003'],
  clone: [open(), want(can) + want('') + flush + done],
  'clone, bare': [open(), want('') + flush + done],
  'clone, old bands': [open(), want('side-band no-progress') + flush + done],
  'clone with a tag': [open(), want(can) + packet(`want ${version.id}\n`) + flush + done],
  'clone of depth 1': [open(), want(`${can} deepen-since`) + packet('deepen 1') + flush, done],
  'clone of depth 3': [open(), want(can) + packet('deepen 3') + flush, done],
  'nothing wanted': [open(), flush],
  'not ours': [open(), want(can, absent) + flush],
  'not a want': [open(), packet('hello\n')],
  'haves: none of ours': [open(), want(can) + flush, have(absent) + flush, have(absent) + flush, done],
  'haves: some of ours': [open(), want(can) + flush, have(absent) + have(version.peeled) + flush, done],
  'haves: all of it': [open(), want(can) + flush, have(head) + flush, done],
  'haves: multi_ack': [
    open(),
    want('multi_ack side-band-64k no-progress') + flush,
    have(version.peeled) + flush,
    have(absent),
    done,
  ],
  'haves: single': [
    open(),
    want('side-band-64k no-progress') + flush,
    have(absent) + flush,
    have(version.peeled) + flush,
    done,
  ],
  'haves: nonsense': [open(), want(can) + flush, packet('hello\n')],
  'version 2: refs': [open(`/${name}`, two), command('ls-refs', 'peel', 'symrefs'), flush],
  'version 2: refs, all, plain': [
    open(`/${name}`, two),
    command('ls-refs'),
    command('ls-refs', 'ref-prefix refs/tags/'),
    command('ls-refs', 'ref-prefix HEAD', 'symrefs', 'unborn'),
  ],
  'version 2: clone': [
    open(`/${name}`, two),
    command('ls-refs', 'peel'),
    command('fetch', 'thin-pack', 'no-progress', 'include-tag', 'ofs-delta', `want ${head}`, 'done'),
    flush,
  ],
  'version 2: depth': [open(`/${name}`, two), command('fetch', 'no-progress', 'deepen 1', `want ${head}`, 'done')],
  'version 2: haves': [
    open(`/${name}`, two),
    command('fetch', 'no-progress', `want ${head}`, `have ${absent}`),
    command('fetch', 'no-progress', `want ${head}`, `have ${version.peeled}`),
  ],
  'version 2: not ours': [open(`/${name}`, two), command('fetch', `want ${absent}`, 'done')],
  'version 2: object-info': [
    open(`/${name}`, two),
    command('object-info', 'size', `oid ${head}`),
    command('object-info', 'size', `oid ${absent}`),
  ],
  'version 2: no such command': [open(`/${name}`, two), command('frob')],
  'version 2: no command': [open(`/${name}`, two), packet('agent=x') + flush],
}
