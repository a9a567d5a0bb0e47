import type { Program } from '../../../system.ts'
import { gnuProgram } from '../../coreutils.ts'
import { optionsOf } from '../../getopt.ts'
import { complain } from '../../paths.ts'

/** Message queues, shared memory and semaphores, in the order in which they are told; what each says of itself. */
const kinds = [
  {
    option: 'queues',
    usual: ['Message Queues', 'key        msqid      owner      perms      used-bytes   messages    '],
    time: [
      'Message Queues Send/Recv/Change Times',
      'msqid    owner      send                 recv                 change              ',
    ],
    creator: ['Message Queues Creators/Owners', 'msqid      perms      cuid       cgid       uid        gid       '],
    pid: ['Message Queues PIDs', 'msqid      owner      lspid      lrpid     '],
    limits: [
      'Messages Limits',
      'max queues system wide = 32000\nmax size of message (bytes) = 8192\ndefault max size of queue (bytes) = 16384',
    ],
    summary: ['Messages Status', 'allocated queues = 0\nused headers = 0\nused space = 0 bytes'],
  },
  {
    option: 'shmems',
    usual: ['Shared Memory Segments', 'key        shmid      owner      perms      bytes      nattch     status      '],
    time: [
      'Shared Memory Attach/Detach/Change Times',
      'shmid      owner      attached             detached             changed             ',
    ],
    creator: [
      'Shared Memory Segment Creators/Owners',
      'shmid      perms      cuid       cgid       uid        gid       ',
    ],
    pid: ['Shared Memory Creator/Last-op PIDs', 'shmid      owner      cpid       lpid      '],
    limits: [
      'Shared Memory Limits',
      'max number of segments = 4096\nmax seg size (kbytes) = 18014398509465599\nmax total shared memory (kbytes) = 18446744073709551612\nmin seg size (bytes) = 1',
    ],
    summary: [
      'Shared Memory Status',
      'segments allocated 0\npages allocated 0\npages resident  0\npages swapped   0\nSwap performance: 0 attempts\t 0 successes',
    ],
  },
  {
    option: 'semaphores',
    usual: ['Semaphore Arrays', 'key        semid      owner      perms      nsems     '],
    time: [
      'Semaphore Operation/Change Times',
      'semid    owner      last-op                    last-changed              ',
    ],
    creator: ['Semaphore Arrays Creators/Owners', 'semid      perms      cuid       cgid       uid        gid       '],
    pid: undefined,
    limits: [
      'Semaphore Limits',
      'max number of arrays = 32000\nmax semaphores per array = 32000\nmax semaphores system wide = 1024000000\nmax ops per semop call = 500\nsemaphore max value = 32767',
    ],
    summary: ['Semaphore Status', 'used arrays = 0\nallocated semaphores = 0'],
  },
] as const
const views = ['time', 'pid', 'creator', 'limits', 'summary'] as const

/** ipcs(1) of util-linux 2.38, where nobody holds anything. */
export const ipcs: Program = gnuProgram(
  [
    ...optionsOf(
      'm=shmems q=queues s=semaphores a=all t=time p=pid c=creator l=limits u=summary human b=bytes V=version',
    ),
    { short: 'i', long: 'id', argument: 'required' },
  ],
  async (process, parsed) => {
    const named = kinds.filter(({ option }) => parsed.has(option))
    const id = parsed.value('id')
    if (id !== undefined) {
      const [kind, ...more] = named
      const wrong = kind === undefined || more.length > 0
      await complain(process, wrong ? 'when using an ID, a single resource must be specified' : `id ${id} not found`)
      return wrong ? 1 : 0
    }
    const view = views.findLast(name => parsed.has(name)) ?? 'usual'
    let text = ''
    for (const kind of named.length > 0 ? named : kinds) {
      const told = kind[view]
      text += told ? `------ ${told[0]} --------\n${told[1]}\n\n` : '\n'
    }
    await process.stdout.write(`\n${text}`)
    return 0
  },
  { usage: '[resource-option...] [output-option]', version: 'from util-linux @util-linux@' },
)
