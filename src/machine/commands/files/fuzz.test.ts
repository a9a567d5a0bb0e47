import assert from 'node:assert/strict'
import { test } from 'node:test'
import { runLine, testComputer } from '#machine/testing.ts'
import { parseMode } from './modes.ts'
import { parseBlockSize, parseSize, showSize } from './sizes.ts'
import { compareVersions } from './versions.ts'

let seed = 5
const random = (most: number): number => {
  seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648
  return seed % most
}
const some = (words: readonly string[], most: number): string[] =>
  Array.from({ length: 1 + random(most) }, () => words[random(words.length)]!)

test('modes, sizes and versions: whatever is typed has an answer within its range', () => {
  for (let round = 0; round < 5000; round++) {
    const mode = parseMode(
      some(['u', 'g', 'o', 'a', '+', '-', '=', 'r', 'w', 'x', 'X', 's', 't', ',', '7', '0', '9'], 9).join(''),
    )
    if (mode) {
      const changed = mode(random(0o10000), random(2) === 0, 0o022)
      assert.ok(changed >= 0 && changed <= 0o7777)
    }
    const size = parseSize(some(['1', '9', '0', 'K', 'M', 'B', 'iB', 'b', 'x', '-'], 4).join(''))
    assert.ok(size === undefined || size >= 0)
    const blocks = parseBlockSize(some(['1', 'K', 'si', 'human-readable', 'M', "'", 'q'], 2).join(''))
    if (blocks) assert.match(showSize(random(2 ** 31) * random(1000), blocks), /^[0-9.]+[A-Za-z]*$/)
    const [a, b] = [some(['a', '1', '10', '.', '~', '-'], 5).join(''), some(['a', '1', '2', '.', '~'], 5).join('')]
    assert.equal(Math.sign(compareVersions(a, b)), -Math.sign(compareVersions(b, a)) || 0, `${a} ${b}`)
  }
})

const words = {
  find: '( ) ! , -o -a -not -name -path -type f d l,f -size +1k -5c -mtime -1 x -exec echo {} ; + -delete -print -printf %p%s%T@\\n %q -prune -maxdepth 1 -newer -perm /222 -u+x -regex .*[ a* -quit -empty -ls'.split(
    ' ',
  ),
  stat: '-c -f -L -t --printf %n %10s %-5a %Hd %.3N %y %% %Q \\x41 a nosuch'.split(' '),
  dd: 'if=a of=b bs=1 bs=0 bs=1k count=2 skip=1 seek=1 conv=notrunc conv=ucase,swab iflag=fullblock ibs=3 obs=5 cbs=4 conv=block conv=unblock status=none count=3B x'.split(
    ' ',
  ),
  tar: 'cf xf tf t.tar a d -C / -C d --exclude=a --strip-components=1 -v -z -O --transform=s/a/b/g --transform=s - -T list --delete -r'.split(
    ' ',
  ),
  ls: '-l -a -R -h -t -S -r -i -n -1 -C -x -m -w 0 -T 0 --color=always --sort=version --time=ctime --block-size=K --quoting-style=c d a nosuch -d -F -Z --full-time'.split(
    ' ',
  ),
  cp: '-r -a -f -n -u -v -b -l -s -P -L -T -t d a b nosuch / . .. --parents --backup=numbered'.split(' '),
  xargs: '-n 1 2 -I {} -d , -L -0 -r -t -s 10 -P 3 -E x echo ls -x'.split(' '),
  cpio: '-o -i -t -d -v -u -m -H newc odc -F t.cpio a'.split(' '),
  chmod: '-R -v -c 755 u+x -x +w a d nosuch --reference=a -f'.split(' '),
  ln: '-s -f -n -r -T -t d a b nosuch -v -b'.split(' '),
  du: '-a -s -h -d 1 -c -b --exclude=a -x -S --inodes d a nosuch -t 1'.split(' '),
  file: '-b -i -L -s a d nosuch /dev/null - -z'.split(' '),
  split: '-l 1 -b 2 -n 3 l/2 r/2 -a 1 -d -x a p'.split(' '),
}

test('any options in any order end in an exit status and leave the machine usable', async () => {
  const quoted = (word: string): string => `'${word}'`
  for (const [program, list] of Object.entries(words)) {
    const computer = testComputer()
    for (let round = 0; round < 6; round++) {
      const line = `mkdir -p w/d; cd w; echo hello > a; echo a | ${program} ${some(list, 7).map(quoted).join(' ')} > /dev/null 2>&1; echo end`
      const { stdout, status } = await runLine(line, { computer })
      assert.equal(stdout, 'end\n', line)
      assert.equal(status, 0, line)
    }
  }
})
