import fs from 'node:fs'
import path from 'node:path'
import { createInterface } from 'node:readline/promises'
import { openAccounts, type Role, roles } from '#hive/accounts.ts'
import { generatePassword } from '#hive/passwords.ts'
import { common, flags, keptIn, print, printTable, Usage } from './usage.ts'

const help = `Usage: skep user list | add NAME [--role viewer|admin] | password NAME | remove NAME   [--data DIR]

Accounts of the page. add and password make a password and print it once; with --stdin they take one line from standard
input instead. A running program takes changes over at once.

Examples:
  skep user add hanako --role viewer
  skep user password admin
  echo 'correct horse battery' | skep user password admin --stdin
`

async function newPassword(fromStdin: boolean): Promise<{ password: string; made: boolean }> {
  if (!fromStdin) return { password: generatePassword(), made: true }
  const lines = createInterface({ input: process.stdin })
  for await (const line of lines) return { password: line, made: false }
  throw new Error('No password on standard input')
}

export default {
  help,
  async run(args: string[]) {
    const { values, positionals } = flags(
      'user',
      args,
      { ...common, role: { type: 'string', default: 'viewer' }, stdin: { type: 'boolean', default: false } },
      2,
    )
    const [what, name] = positionals
    const directory = keptIn(values.data, 'state/hive')
    const accounts = openAccounts({ file: path.join(directory, 'users.json') })
    if (what === 'list') {
      const users = accounts.list()
      if (values.json) for (const user of users) print(JSON.stringify(user))
      else
        printTable([
          ['NAME', 'ROLE', 'PASSWORD SINCE'],
          ...users.map(u => [u.name, u.role, new Date(u.changed).toISOString().slice(0, 10)]),
        ])
      return 0
    }
    if (!name || !['add', 'password', 'remove'].includes(what ?? ''))
      throw new Usage('Say what and whom', 'skep user --help')
    if (!(roles as readonly string[]).includes(values.role))
      throw new Usage(`Roles: ${roles.join(', ')}`, 'skep user --help')
    if (what === 'remove') accounts.remove(name)
    else {
      const { password, made } = await newPassword(values.stdin)
      if (what === 'add') await accounts.add(name, values.role as Role, password)
      else await accounts.setPassword(name, password)
      if (made) print(`password of ${name}: ${password}`)
    }
    keepOwner(directory)
    return 0
  },
}

/** Run by root, the new file still has to be the hive's. */
function keepOwner(directory: string) {
  if (process.getuid?.() !== 0) return
  const { uid, gid } = fs.statSync(directory)
  fs.chownSync(path.join(directory, 'users.json'), uid, gid)
}
