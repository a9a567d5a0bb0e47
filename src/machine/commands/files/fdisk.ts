import { kernel } from '../../rights.ts'
import type { Process, Program } from '../../system.ts'
import { gnuProgram, usageError } from '../coreutils.ts'
import { type Option, optionsOf } from '../getopt.ts'
import { versioned } from '../package-version.ts'
import { absolute, attempt, complain, statOf } from '../paths.ts'
import { aligned } from '../smartcols.ts'
import { type Disk, diskId, disksOf, sized, sizeInWords } from './disks.ts'

const SECTOR = 512

const options: Option[] = [
  ...optionsOf('l=list x=list-details s=getsz B=protect-boot V=version v=version bytes'),
  ...optionsOf('b C H S c t u w W L o', 'optional'),
]

/** fdisk(8) of util-linux 2.38.1: what there is of disks; nobody here partitions one. */
export const fdisk: Program = gnuProgram(
  options,
  async (process, parsed) => {
    if (parsed.has('list') || parsed.has('list-details')) {
      const all = disksOf(process)
      const wanted =
        parsed.operands.length > 0 ? parsed.operands : all.filter(isWhole).map(({ name }) => `/dev/${name}`)
      let [shown, status] = [0, 0]
      for (const path of wanted) {
        const why = unreadable(process, path)
        if (why !== undefined) {
          await complain(process, `cannot open ${path}: ${why}`)
          // What it looks through by itself may be out of reach.
          if (parsed.operands.length > 0) status = 1
          continue
        }
        await process.stdout.write(`${shown++ > 0 ? '\n\n' : ''}${described(process, all, absolute(process, path))}`)
      }
      return status
    }
    const [path, ...more] = parsed.operands
    if (path === undefined || more.length > 0) return usageError(process, 'bad usage')
    return talk(process, path)
  },
  { usage: '[options] <disk>', version: 'from util-linux @util-linux@' },
)

const isWhole = ({ type }: Disk): boolean => type === 'disk'

const unreadable = (process: Process, path: string): string | undefined => {
  if (!statOf(process, path)) return 'No such file or directory'
  return process.fs.access(absolute(process, path), 4, process.who) ? undefined : 'Permission denied'
}

/** Size, units, label and partitions. */
const described = (process: Process, all: readonly Disk[], path: string): string => {
  const disk = all.find(({ name }) => `/dev/${name}` === path)
  const bytes = disk?.size ?? statOf(process, path)?.size ?? 0
  const model = disk && attempt(() => process.fs.readFile(`/sys/block/${disk.name}/device/model`, kernel))
  const lines = [
    `Disk ${path}: ${sizeInWords(bytes)}, ${bytes} bytes, ${Math.floor(bytes / SECTOR)} sectors`,
    ...(model && 'value' in model ? [`Disk model: ${model.value.toString('latin1').trimEnd()}`] : []),
    `Units: sectors of 1 * ${SECTOR} = ${SECTOR} bytes`,
    `Sector size (logical/physical): ${SECTOR} bytes / ${SECTOR} bytes`,
    `I/O size (minimum/optimal): ${SECTOR} bytes / ${SECTOR} bytes`,
  ]
  const parts = disk ? all.filter(({ parent }) => parent === disk.name) : []
  if (parts.length === 0) return `${lines.join('\n')}\n`
  lines.push('Disklabel type: dos', `Disk identifier: 0x${diskId(process)}`, '')
  // The first begins at 1 MiB, each other behind the one before.
  let start = 2048
  const rows = parts.map(part => {
    const sectors = Math.floor(part.size / SECTOR)
    const row = [`/dev/${part.name}`, start === 2048 ? '*' : '', start, start + sectors - 1, sectors, sized(part.size)]
    start += sectors
    return [...row.map(String), '83', 'Linux']
  })
  const table = [['Device', 'Boot', 'Start', 'End', 'Sectors', 'Size', 'Id', 'Type'], ...rows]
  return `${lines.join('\n')}\n${aligned(table, new Set([2, 3, 4, 5, 6]))}`
}

const menu = `
Help:

  DOS (MBR)
   a   toggle a bootable flag
   b   edit nested BSD disklabel
   c   toggle the dos compatibility flag

  Generic
   d   delete a partition
   F   list free unpartitioned space
   l   list known partition types
   n   add a new partition
   p   print the partition table
   t   change a partition type
   v   verify the partition table
   i   print information about a partition

  Misc
   m   print this menu
   u   change display/entry units
   x   extra functionality (experts only)

  Script
   I   load disk layout from sfdisk script file
   O   dump disk layout to sfdisk script file

  Save & Exit
   w   write table to disk and exit
   q   quit without saving changes

  Create a new label
   g   create a new empty GPT partition table
   G   create a new empty SGI (IRIX) partition table
   o   create a new empty MBR (DOS) partition table
   s   create a new empty Sun partition table

`

/** Its commands that change nothing, and the way out. */
const talk = async (process: Process, path: string): Promise<number> => {
  const all = disksOf(process)
  const why = unreadable(process, path)
  if (why !== undefined) {
    await complain(process, `cannot open ${path}: ${why}`)
    return 1
  }
  const version = versioned(process, '@util-linux@').replace(/-.*/, '')
  await process.stdout.write(
    `\nWelcome to fdisk (util-linux ${version}).\nChanges will remain in memory only, until you decide to write them.\nBe careful before using the write command.\n\n`,
  )
  if (all.some(({ parent, name }) => parent !== undefined && path === `/dev/${parent}` && name !== ''))
    await process.stdout.write(
      "This disk is currently in use - repartitioning is probably a bad idea.\nIt's recommended to umount all file systems, and swapoff all swap\npartitions on this disk.\n\n",
    )
  for (let pending = ''; ; ) {
    await process.stdout.write('\nCommand (m for help): ')
    while (!pending.includes('\n')) {
      const data = await process.stdin.read(256)
      if (data === undefined) {
        await process.stdout.write('\n')
        return 0
      }
      pending += data.toString('latin1')
    }
    const end = pending.indexOf('\n')
    const command = pending.slice(0, end).trim()
    pending = pending.slice(end + 1)
    if (command === 'q') {
      await process.stdout.write('\n')
      return 0
    }
    if (command === 'p') await process.stdout.write(`\n${described(process, all, absolute(process, path))}`)
    else if (command === 'v') await process.stdout.write('No errors detected.\n')
    else if (command === 'm') await process.stdout.write(menu)
    else if (command !== '') await process.stderr.write(`${command[0]}: unknown command\n`)
  }
}
