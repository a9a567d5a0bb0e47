import assert from 'node:assert/strict'
import { test } from 'node:test'
import { architectureIn, elfOf } from '../internet/elf.ts'
import { runLine, testComputer } from '../testing.ts'
import { elfFormat, elfIn, onX86, verdictOn } from './elf.ts'

/** A binary of the attacker's as a shell line that writes it. */
const drop = (data: Buffer): string => `cd /tmp; echo ${data.toString('base64')} | base64 -d > x; chmod +x x`
const binary = (name: string, size = 4096 * 3): Buffer => elfOf(architectureIn(name), Buffer.alloc(size, name))

/** Content that makes the stand-in go into the background at once: how long it stays follows from its hash. */
const quick = async (): Promise<Buffer> => binary('x86_64')

test('a binary for this processor is kept, seems to run, and stays in the list of processes', async () => {
  const computer = testComputer()
  const data = await quick()
  const { stdout, seen } = await runLine(`${drop(data)}; ./x 198.51.100.2; echo $?; ps -e -o comm= | grep -c '^x$'`, {
    computer,
  })
  assert.equal(stdout, '0\n1\n')
  const [execution] = seen
    .filter(one => one.what === 'execution')
    .map(one => one.details as { path: string; argv: string[]; data: Buffer; format: string; runs: boolean })
  assert.deepEqual(
    { ...execution, data: execution?.data.length },
    { path: '/tmp/x', argv: ['./x', '198.51.100.2'], data: data.length, format: 'ELF 64-bit LSB x86-64', runs: true },
  )
  const again = await runLine("ps -e -o comm= | grep -c '^x$'; rm /tmp/x; pkill -x x; ps -e -o comm= | grep -c '^x$'", {
    computer,
  })
  assert.equal(again.stdout, '1\n0\n')
})

const faults: readonly [name: string, data: Buffer, status: number, message: RegExp][] = [
  ['another processor', binary('mips'), 126, /cannot execute binary file: Exec format error/],
  ['another byte order', binary('arm7'), 126, /Exec format error/],
  ['cut off behind its headers', binary('x86_64').subarray(0, 600), 139, /^(.*Segmentation fault.*\n?)?$/],
  ['cut off within its header', binary('x86_64').subarray(0, 40), 126, /Exec format error/],
]
for (const [name, data, status, message] of faults)
  test(`a binary is refused as the kernel refuses it: ${name}`, async () => {
    const { stdout, stderr, seen } = await runLine(`${drop(data)}; ./x; echo $?`)
    assert.equal(stdout, `${status}\n`)
    assert.match(stderr, message)
    assert.ok(seen.some(one => one.what === 'execution' && !(one.details as { runs: boolean }).runs))
  })

test('the interpreter has to be there', () => {
  const data = binary('x86')
  const name = '/lib/ld-linux.so.2'
  data.write(`${name}\0`, 2000, 'latin1')
  // The third segment becomes PT_INTERP.
  const at = 52 + 2 * 32
  data.writeUInt32LE(3, at)
  data.writeUInt32LE(2000, at + 4)
  data.writeUInt32LE(name.length + 1, at + 16)
  const elf = elfIn(data)
  assert.equal(elf?.interpreter, name)
  assert.equal(
    verdictOn(elf, onX86, () => false),
    'ENOENT',
  )
  assert.equal(
    verdictOn(elf, onX86, () => true),
    'runs',
  )
  assert.equal(elfFormat(elf!), 'ELF 32-bit LSB Intel 80386')
})

test('programs that start others get an error and no words of a shell', async () => {
  const { stdout, stderr } = await runLine(`${drop(binary('mips'))}; env ./x; echo $?`)
  assert.equal(stdout, '126\n')
  assert.equal(stderr, "env: './x': Exec format error\n")
})
