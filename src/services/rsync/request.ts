/** What a client asks the daemon for: rsync's own command line, as the client made it for the far side. */
export type Request = {
  /** The daemon sends; otherwise it receives. */
  sender: boolean
  recursive: boolean
  directories: boolean
  links: boolean
  owner: boolean
  group: boolean
  devices: boolean
  times: boolean
  compress: boolean
  checksum: boolean
  dryRun: boolean
  deletes: boolean
  numericIds: boolean
  /** What the client can do, behind `-e.`: letters of compat.c. */
  abilities: string
  compressChoice: string | undefined
  checksumChoice: string | undefined
  /** An option that is none of ours, as the popt of a daemon without it names it. */
  unknown: string | undefined
  paths: string[]
}

const known =
  /^--(?:server|sender|numeric-ids|list-only|delete(?:-(?:before|during|after|delay|excluded|missing-args))?|force|ignore-errors|partial|partial-dir|inplace|append|existing|ignore-existing|update|size-only|no-[a-zA-Z-]+|checksum-choice=.*|compress-choice=.*|compress-level=.*|new-compress|old-compress|log-format=.*|out-format=.*|timeout=\d+|bwlimit=.*|block-size=.*|max-size=.*|min-size=.*|max-delete=.*|modify-window=.*|safe-links|copy-unsafe-links|munge-links|one-file-system|stats|remove-source-files|delay-updates|mkpath|open-noatime|preallocate|specials|omit-(?:dir|link)-times|fuzzy|suffix=.*|backup-dir|temp-dir|stop-(?:at|after)=.*|super|fake-super|ignore-missing-args|copy-devices|write-devices)$/

/** `args`: as they came, behind the program's name. The last words are `.` and the paths. */
export function readRequest(args: readonly string[]): Request {
  const request: Request = {
    sender: false,
    recursive: false,
    directories: false,
    links: false,
    owner: false,
    group: false,
    devices: false,
    times: false,
    compress: false,
    checksum: false,
    dryRun: false,
    deletes: false,
    numericIds: false,
    abilities: '',
    compressChoice: undefined,
    checksumChoice: undefined,
    unknown: undefined,
    paths: [],
  }
  const dot = args.indexOf('.')
  for (const word of dot < 0 ? args : args.slice(0, dot)) {
    if (word.startsWith('--')) long(request, word)
    else if (word.startsWith('-')) short(request, word.slice(1))
  }
  request.paths = dot < 0 ? [] : args.slice(dot + 1)
  return request
}

function long(request: Request, word: string): void {
  if (word === '--sender') request.sender = true
  else if (word === '--numeric-ids') request.numericIds = true
  else if (word.startsWith('--delete')) request.deletes = true
  else if (word === '--new-compress') compressWith(request, 'zlibx')
  else if (word === '--old-compress') compressWith(request, 'zlib')
  else if (word.startsWith('--compress-choice=')) compressWith(request, word.slice(18))
  else if (word.startsWith('--checksum-choice=')) request.checksumChoice = word.slice(18)
  else if (!known.test(word)) request.unknown ??= word
}

function compressWith(request: Request, choice: string): void {
  request.compressChoice = choice
  request.compress = choice !== 'none'
}

type Flag = { [K in keyof Request]: Request[K] extends boolean ? K : never }[keyof Request]
const letters = new Map<string, Flag>([
  ['r', 'recursive'],
  ['d', 'directories'],
  ['l', 'links'],
  ['o', 'owner'],
  ['g', 'group'],
  ['D', 'devices'],
  ['t', 'times'],
  ['z', 'compress'],
  ['c', 'checksum'],
  ['n', 'dryRun'],
])

function short(request: Request, letterList: string): void {
  for (const [at, letter] of [...letterList].entries()) {
    if (letter === 'e') {
      request.abilities = letterList.slice(at + 1)
      return
    }
    const flag = letters.get(letter)
    if (flag) request[flag] = true
    // Lists of these have fields that this daemon was built without.
    else if ('AXHUN'.includes(letter)) request.unknown ??= `-${letter}`
  }
}
