import type { Process, Program } from '../../../system.ts'
import { kernel } from '../accounts/database.ts'
import { calledAs, may, say, textOf } from '../facts.ts'

/** kmod(8) 30 as lsmod, modprobe, insmod, rmmod, modinfo and depmod. Modules that are asked for are taken as loaded. */
export const kmod: Program = async process => {
  const called = calledAs(process)
  const [, first, ...others] = process.argv
  const name = called === 'kmod' ? (first === 'list' ? 'lsmod' : (first ?? '')) : called
  const words = (called === 'kmod' && !first?.startsWith('-') ? others : process.argv.slice(1)).filter(
    word => word !== '',
  )
  const operands = words.filter(word => !word.startsWith('-'))
  if (words.includes('-V') || words.includes('--version'))
    return say(process, 'kmod version 30\n+ZSTD +XZ -ZLIB +LIBCRYPTO -EXPERIMENTAL\n')
  const loaded = process.host.state('modules', () => ({ added: new Set<string>(), removed: new Set<string>() }))
  const refuse = async (text: string): Promise<number> => {
    await process.stderr.write(`${name}: ${text}\n`)
    return 1
  }
  switch (name) {
    case 'lsmod':
      if (words.length > 0) {
        await process.stderr.write('Usage: lsmod\n')
        return 1
      }
      return say(
        process,
        `Module                  Size  Used by\n${listed(process)
          .map(([module, size, used]) => `${module.padEnd(19)} ${size.padStart(8)}  ${used}\n`)
          .join('')}`,
      )
    case 'modprobe': {
      const [module] = operands
      if (module === undefined) return refuse('ERROR: missing parameters. See -h.')
      const remove = words.includes('-r') || words.includes('--remove')
      const known = await find(process, module)
      if (!known)
        return words.includes('-q')
          ? 1
          : refuse(`FATAL: Module ${module} not found in directory /lib/modules/${process.host.persona.os.kernel}`)
      if (process.who.uid !== 0)
        return refuse(`ERROR: could not ${remove ? 'remove' : 'insert'} '${module}': Operation not permitted`)
      loaded[remove ? 'removed' : 'added'].add(module.replaceAll('-', '_'))
      loaded[remove ? 'added' : 'removed'].delete(module.replaceAll('-', '_'))
      return 0
    }
    case 'insmod': {
      const [file] = operands
      if (file === undefined) return refuse('ERROR: missing filename.')
      if (!may(process, file, 0, kernel))
        return refuse(`ERROR: could not load module ${file}: No such file or directory`)
      if (process.who.uid !== 0) return refuse(`ERROR: could not insert module ${file}: Operation not permitted`)
      return refuse(`ERROR: could not insert module ${file}: Invalid module format`)
    }
    case 'rmmod': {
      const [module] = operands
      if (module === undefined) return refuse('ERROR: missing module name.')
      const row = listed(process).find(([one]) => one === module.replaceAll('-', '_'))
      if (!row) return refuse(`ERROR: Module ${module} is not currently loaded`)
      if (process.who.uid !== 0)
        return refuse(
          `ERROR: ../libkmod/libkmod-module.c:799 kmod_module_remove_module() could not remove '${module}': Operation not permitted\nrmmod: ERROR: could not remove module ${module}: Operation not permitted`,
        )
      if (!row[2].startsWith('0')) return refuse(`ERROR: Module ${module} is in use`)
      loaded.removed.add(module)
      return 0
    }
    case 'modinfo': {
      const [module] = operands
      if (module === undefined) return refuse('ERROR: missing module or filename.')
      const path = await find(process, module)
      if (!path) return refuse(`ERROR: Module ${module} not found.`)
      return say(
        process,
        `filename:       ${path}\nlicense:        GPL\ndepends:        \nretpoline:      Y\nintree:         Y\nname:           ${module}\nvermagic:       ${process.host.persona.os.kernel} SMP preempt mod_unload modversions \n`,
      )
    }
    case 'depmod':
      return 0
    default:
      await process.stderr.write('missing command\nkmod - Manage kernel modules: list, load, unload, etc\n')
      return 1
  }
}

/** Of /proc/modules, with what was loaded and unloaded here. */
const listed = (process: Process): [module: string, size: string, used: string][] => {
  const { added, removed } = process.host.state('modules', () => ({
    added: new Set<string>(),
    removed: new Set<string>(),
  }))
  const rows = (textOf(process, '/proc/modules') ?? '')
    .split('\n')
    .filter(Boolean)
    .map(line => line.split(' '))
    .filter(([module = '']) => !removed.has(module))
    .map(([module = '', size = '', count = '0', users = '-']): [string, string, string] => [
      module,
      size,
      `${count}${users === '-' ? '' : ` ${users.replace(/,$/, '')}`}`,
    ])
  for (const module of added) if (!rows.some(([one]) => one === module)) rows.unshift([module, '16384', '0'])
  return rows
}

/** The module's file below /lib/modules, looking at no more than some thousands of directories. */
const find = async (process: Process, module: string): Promise<string | undefined> => {
  const root = `/lib/modules/${process.host.persona.os.kernel}/kernel`
  const wanted = module.replaceAll('_', '-')
  const queue = [root]
  for (let looked = 0; queue.length > 0 && looked < 3000; looked++) {
    const folder = queue.pop()!
    process.step()
    let names: string[] = []
    try {
      names = process.fs.readdir(folder, kernel)
    } catch {
      continue
    }
    for (const name of names) {
      if (name.replaceAll('_', '-') === `${wanted}.ko`) return `${folder}/${name}`
      if (!name.includes('.')) queue.push(`${folder}/${name}`)
    }
  }
  return undefined
}
