import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Exhausted } from '../../system.ts'
import { runLine, testComputer } from '../../testing.ts'

let seed = 11
const random = (below: number): number => {
  seed = (seed * 1103515245 + 12345) & 0x7fffffff
  return (seed >> 8) % below
}
const pick = <T>(list: readonly T[]): T => list[random(list.length)]!
const text = (pieces: readonly string[], most: number): string =>
  Array.from({ length: 1 + random(most) }, () => pick(pieces)).join('')
const quoted = (word: string): string => `'${word.replaceAll("'", "'\\''")}'`

/** A line ends with a status, or because its attacker had enough. */
const survives = async (line: string, computer: ReturnType<typeof testComputer>): Promise<void> => {
  try {
    const { status } = await runLine(line, { computer })
    assert.ok(status >= 0 && status < 256, line)
  } catch (error) {
    if (!(error instanceof Exhausted)) throw new Error(`${line}: ${error}`, { cause: error })
  }
}

const languages = {
  awk: {
    count: 2500,
    pieces:
      'BEGIN END { } ( ) [ ] ; , $ + - * / % ^ ! ~ ? : = == != < > >> | && || ++ -- += in getline print printf if else while(i<3)i++ for(;;)break do next exit return delete function f( x y a NF NR $0 $1 "s" "%d" 1 2.5 /a/ /[/ split( sub( gsub( substr( length index( match( sprintf( toupper( rand() srand() close( "echo" # \\ \n \' "'
        .split(' ')
        .map(piece => piece.replace('\\n', '\n')),
    command: (program: string) => `printf 'a b\\nc d\\n' | awk ${quoted(program)}`,
  },
  sed: {
    count: 2500,
    pieces:
      's/a/b/ s y/ab/cd/ / | , ! { } ; \n p d D n N g G h H x q Q = l a i c r w f R W t T b :a ba ta $ 1 2 0~2 +1 ~2 \\1 \\( \\) [ ] * & \\n I M e F z \\ # //'.split(
        ' ',
      ),
    command: (script: string) =>
      `printf 'a b\\nc d\\nab\\n' | sed ${pick(['', '-n ', '-E ', '-z ', '-s '])}${quoted(script)}`,
  },
  grep: {
    count: 2500,
    pieces:
      'a b . * + ? ( ) | [ ] ^ $ \\ { } 1 , - \\( \\) \\| \\< \\b \\w [:alpha:] [[:digit:]] (?=a) (?<!b) \\d \\1 \n'.split(
        ' ',
      ),
    command: (pattern: string) =>
      `printf 'a b\\nc 1\\nab\\n' | grep ${pick(['', '-E ', '-F ', '-P ', '-i ', '-w ', '-x ', '-o ', '-v ', '-c ', '-n '])}-e ${quoted(pattern)}`,
  },
  others: {
    count: 1500,
    pieces:
      '- -- -a -n -x 1 0 -1 + 1,2 2- a b %s %d %x \\n \\t / : = * ? @0 now 1K [:lower:] a-z f . .. -k1 -t: -f1 -d: -s --x --help'.split(
        ' ',
      ),
    command(words: string) {
      const program = pick(
        'cat tac head tail wc sort uniq cut paste join comm tr rev nl fold fmt expand unexpand tee seq printf echo test expr factor numfmt date env printenv base64 base32 basenc md5sum cksum sum od hexdump diff cmp openssl iconv look column tsort shuf timeout nice ionice'.split(
          ' ',
        ),
      )
      const args = words.match(/.{1,4}/gs) ?? []
      return `echo 'a b' | /usr/bin/${program === 'timeout' ? 'timeout 1' : program} ${args.map(quoted).join(' ')}`
    },
  },
}

for (const [name, { count, pieces, command }] of Object.entries(languages))
  test(`${count} random command lines of ${name} end with a status`, async () => {
    let computer = testComputer()
    for (let i = 0; i < count; i++) {
      if (i % 200 === 0) computer = testComputer()
      await survives(command(text(pieces, 14)), computer)
    }
  })
