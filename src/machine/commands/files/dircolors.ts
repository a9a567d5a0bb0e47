import type { Program } from '../../system.ts'
import { getopt } from '../getopt.ts'
import { attempt, complain } from '../paths.ts'
import { knowsColour } from './ls-options.ts'
import { look } from './names.ts'

const dircolorsDefaults =
  'rs=0:di=01;34:ln=01;36:mh=00:pi=40;33:so=01;35:do=01;35:bd=40;33;01:cd=40;33;01:or=40;31;01:mi=00:su=37;41:sg=30;43:ca=00:tw=30;42:ow=34;42:st=37;44:ex=01;32:'
const endings: readonly [colour: string, names: string][] = [
  [
    '01;31',
    'tar tgz arc arj taz lha lz4 lzh lzma tlz txz tzo t7z zip z dz gz lrz lz lzo xz zst tzst bz2 bz tbz tbz2 tz deb rpm jar war ear sar rar alz ace zoo cpio 7z rz cab wim swm dwm esd',
  ],
  [
    '01;35',
    'avif jpg jpeg mjpg mjpeg gif bmp pbm pgm ppm tga xbm xpm tif tiff png svg svgz mng pcx mov mpg mpeg m2v mkv webm webp ogm mp4 m4v mp4v vob qt nuv wmv asf rm rmvb flc avi fli flv gl dl xcf xwd yuv cgm emf ogv ogx',
  ],
  ['00;36', 'aac au flac m4a mid midi mka mp3 mpc ogg ra wav oga opus spx xspf'],
]
const backups =
  '*~ *# *.bak *.old *.orig *.part *.rej *.swp *.tmp *.dpkg-dist *.dpkg-old *.ucf-dist *.ucf-new *.ucf-old *.rpmnew *.rpmorig *.rpmsave'

/** dircolors(1) of GNU coreutils 9.1 with its own table, as Debian's .bashrc evaluates it. */
export const dircolors: Program = async process => {
  const parsed = getopt(process.argv, [
    { short: 'b', long: 'sh' },
    { long: 'bourne-shell' },
    { short: 'c', long: 'csh' },
    { long: 'c-shell' },
    { short: 'p', long: 'print-database' },
    { long: 'print-ls-colors' },
  ])
  if (typeof parsed === 'string') {
    await process.stderr.write(`${parsed}\nTry '${process.argv[0]} --help' for more information.\n`)
    return 1
  }
  const [path] = parsed.operands
  if (path !== undefined && path !== '-') {
    const found = attempt(() => look(process, path, true))
    if ('error' in found) {
      await complain(process, `${path}: ${found.error}`)
      return 1
    }
  }
  const knows = knowsColour(process)
  const table = knows
    ? dircolorsDefaults +
      endings
        .map(([colour, names]) =>
          names
            .split(' ')
            .map(name => `*.${name}=${colour}:`)
            .join(''),
        )
        .join('') +
      backups
        .split(' ')
        .map(name => `${name}=00;90:`)
        .join('')
    : ''
  const csh =
    parsed.has('csh') ||
    parsed.has('c-shell') ||
    (!parsed.has('sh') && !parsed.has('bourne-shell') && /csh$/.test(process.env.get('SHELL') ?? ''))
  await process.stdout.write(csh ? `setenv LS_COLORS '${table}'\n` : `LS_COLORS='${table}';\nexport LS_COLORS\n`)
  return 0
}
