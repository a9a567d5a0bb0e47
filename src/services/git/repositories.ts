import type { Persona } from '#persona/persona.ts'
import { type Author, commit, type Objects, tag, tree } from './objects.ts'

/** A repository as git's daemon exports it. */
export type Repository = {
  objects: Objects
  head: string
  /** In git's order; `peeled`: the commit behind an annotated tag. */
  refs: readonly { name: string; id: string; peeled?: string }[]
}

/** What people call them: tools for finding open daemons try these. */
const names = ['site', 'website', 'app', 'api', 'backend', 'project', 'deploy', 'scripts', 'config', 'ansible'] as const

const made = new WeakMap<Persona, ReadonlyMap<string, Repository>>()

/** The machine's repositories, by their names below the daemon's base path, without `.git`. */
export function repositoriesOf(persona: Persona): ReadonlyMap<string, Repository> {
  const known = made.get(persona) ?? new Map(namesOf(persona).map(name => [name, repository(persona, name)]))
  made.set(persona, known)
  return known
}

export function namesOf(persona: Persona): readonly string[] {
  const first = persona.derive('git names', 1)[0]! % names.length
  return [0, 3, 7].map(step => names[(first + step) % names.length]!)
}

type Change = { message: string; files: readonly (readonly [path: string, content: string | undefined])[] }

/** The history of a small company's repository, in the days after the machine was set up. */
function repository(persona: Persona, name: string): Repository {
  const objects: Objects = new Map()
  const draw = persona.derive(`git ${name}`, 64)
  const people = persona.users.filter(({ uid }) => uid > 0)
  const author = (n: number): Author => {
    const person = people[draw[n]! % (people.length || 1)]?.name ?? 'root'
    return { name: person, mail: `${person}@${persona.domain}`, offset: persona.timezone.offset }
  }
  const files = new Map<string, string>()
  const changes = history(persona, name)
  let at = Math.floor(persona.installedAt / 1000) + 7200
  let head: string | undefined
  let released = ''
  for (const [n, { message, files: changed }] of changes.entries()) {
    for (const [path, content] of changed) {
      if (content === undefined) files.delete(path)
      else files.set(path, content)
    }
    at += 1800 + (draw.readUInt16BE(2 * n) % 40_000)
    const root = tree(objects, files)
    head = commit(objects, {
      tree: root,
      ...(head === undefined ? {} : { parent: head }),
      author: author(n),
      at,
      message,
    })
    if (n === 3) released = head
  }
  const version = tag(objects, 'v1.0', released, author(3), at, 'First version in use')
  const branch = draw[40]! % 3 === 0 ? 'refs/heads/main' : 'refs/heads/master'
  return {
    objects,
    head: branch,
    refs: [
      { name: branch, id: head! },
      { name: 'refs/tags/v1.0', id: version, peeled: released },
    ],
  }
}

function history(persona: Persona, name: string): readonly Change[] {
  const secret = (label: string, bytes = 12) => persona.derive(`git ${name} ${label}`, bytes).toString('base64url')
  const { fqdn, domain, hostname } = persona
  const env = (password: string) =>
    `APP_ENV=production\nAPP_URL=https://${fqdn}/\nDB_HOST=127.0.0.1\nDB_NAME=${name}\nDB_USER=${name}\nDB_PASS=${password}\nMAIL_FROM=no-reply@${domain}\n`
  const deploy = (extra: string) =>
    `#!/bin/sh\nset -e\ncd /var/www/${name}\ngit pull --ff-only\n${extra}systemctl reload php-fpm || true\n`
  const readme = (more: string) =>
    `# ${name}\n\nRuns on ${hostname}. Questions: ops@${domain}\n\n## Deploy\n\n    ./deploy.sh\n${more}`
  const compose = `services:\n  db:\n    image: mariadb:10.11\n    environment:\n      MARIADB_ROOT_PASSWORD: ${secret('root')}\n    volumes:\n      - ./data:/var/lib/mysql\n`
  const backup = `#!/bin/sh\n. /var/www/${name}/.env\nmysqldump -u "$DB_USER" -p"$DB_PASS" "$DB_NAME" | gzip > /srv/backup/${name}-$(date +%F).sql.gz\nfind /srv/backup -name '${name}-*' -mtime +14 -delete\n`
  return [
    {
      message: 'Initial commit',
      files: [
        ['README.md', readme('')],
        ['.gitignore', 'data/\n*.log\n'],
      ],
    },
    {
      message: 'Deploy by script',
      files: [
        ['deploy.sh*', deploy('')],
        ['.env', env(secret('first'))],
      ],
    },
    {
      message: 'Front page and connection',
      files: [
        ['public/index.php', `<?php\nrequire __DIR__ . '/../src/db.php';\necho 'It works';\n`],
        [
          'src/db.php',
          `<?php\n$env = parse_ini_file(__DIR__ . '/../.env');\nreturn new PDO("mysql:host={$env['DB_HOST']};dbname={$env['DB_NAME']}", $env['DB_USER'], $env['DB_PASS']);\n`,
        ],
      ],
    },
    { message: 'Database in a container for development', files: [['docker-compose.yml', compose]] },
    {
      message: 'Nightly dump',
      files: [
        ['bin/backup.sh*', backup],
        ['README.md', readme('\n## Backup\n\n`bin/backup.sh`, by cron at night.\n')],
      ],
    },
    {
      message: 'Do not keep .env here',
      files: [
        ['.env', undefined],
        ['.env.example', env('')],
        ['.gitignore', 'data/\n*.log\n.env\n'],
      ],
    },
    { message: 'deploy: clear cache', files: [['deploy.sh*', deploy(`rm -rf cache/*\n`)]] },
  ]
}
