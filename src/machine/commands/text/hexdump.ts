import { errorText } from '../../errors.ts'
import { type Input, type Process, type Program, SystemError } from '../../system.ts'
import { gnuProgram } from '../coreutils.ts'
import { parseSize } from '../files/sizes.ts'
import type { Option } from '../getopt.ts'
import { complain } from '../paths.ts'
import { type Format, parseFormat, showBlock, showEnd, sizeOf, stretched } from './hexdump-format.ts'
import { openInput, wholeText, writerOf } from './io.ts'

const options: Option[] = [
  { short: 'b', long: 'one-byte-octal' },
  { short: 'c', long: 'one-byte-char' },
  { short: 'C', long: 'canonical' },
  { short: 'd', long: 'two-bytes-decimal' },
  { short: 'o', long: 'two-bytes-octal' },
  { short: 'x', long: 'two-bytes-hex' },
  { short: 'L', long: 'color', argument: 'optional' },
  { short: 'e', long: 'format', argument: 'required' },
  { short: 'f', long: 'format-file', argument: 'required' },
  { short: 'n', long: 'length', argument: 'required' },
  { short: 's', long: 'skip', argument: 'required' },
  { short: 'v', long: 'no-squeezing' },
  { short: 'h' },
  { short: 'V' },
]

const end = '"%07.7_Ax\\n"'
const ready: Record<string, readonly string[]> = {
  'one-byte-octal': [end, '"%07.7_ax " 16/1 "%03o " "\\n"'],
  'one-byte-char': [end, '"%07.7_ax " 16/1 "%3_c " "\\n"'],
  canonical: ['"%08.8_Ax\\n"', '"%08.8_ax  " 8/1 "%02x " "  " 8/1 "%02x " ', '"  |" 16/1 "%_p" "|\\n"'],
  'two-bytes-decimal': [end, '"%07.7_ax " 8/2 "  %05u " "\\n"'],
  'two-bytes-octal': [end, '"%07.7_ax " 8/2 " %06o " "\\n"'],
  'two-bytes-hex': [end, '"%07.7_ax " 8/2 "   %04x " "\\n"'],
}
const usual = [end, '"%07.7_ax " 8/2 "%04x " "\\n"']

/** hexdump(1) of util-linux; as `hd` with -C. */
export const hexdump: Program = gnuProgram(
  options,
  async (process, parsed) => {
    const texts: string[] = process.argv[0]?.endsWith('hd') ? [...ready.canonical!] : []
    for (const { name, value } of parsed.given) {
      if (Object.hasOwn(ready, name)) texts.push(...ready[name]!)
      else if (name === 'format') texts.push(value!)
      else if (name === 'format-file')
        try {
          texts.push(
            ...(await wholeText(process, value!, 65_536))
              .split('\n')
              .filter(line => line !== '' && !line.startsWith('#')),
          )
        } catch (error) {
          await complain(process, `can't read ${value}: ${errorText(error)}`)
          return 1
        }
    }
    const parsedFormats: Format[] = []
    for (const text of texts.length === 0 ? usual : texts) {
      const format = parseFormat(text)
      if (typeof format === 'string') {
        await complain(process, format)
        return 1
      }
      parsedFormats.push(format)
    }
    const number = (option: string): number => {
      const text = parsed.value(option)
      return text === undefined
        ? option === 'skip'
          ? 0
          : Infinity
        : /^0x/i.test(text)
          ? Number(text)
          : (parseSize(text) ?? Number.NaN)
    }
    const [skip, most] = [number('skip'), number('length')]
    if (Number.isNaN(skip) || Number.isNaN(most)) {
      await complain(process, `failed to parse ${Number.isNaN(skip) ? 'offset' : 'length'}`)
      return 1
    }
    const block = Math.max(...parsedFormats.map(sizeOf))
    if (block === 0 || block > 65_536) return 0
    const formats = parsedFormats.map(format => stretched(format, block))
    return dump(process, parsed.operands, { formats, block, skip, most, all: parsed.has('no-squeezing') })
  },
  { version: 'from util-linux @util-linux@' },
)

type What = { formats: readonly Format[]; block: number; skip: number; most: number; all: boolean }

const dump = async (
  process: Process,
  files: readonly string[],
  { formats, block, skip, most, all }: What,
): Promise<number> => {
  const writer = writerOf(process)
  let failed = 0
  const inputs: Input[] = []
  for (const file of files.length === 0 ? ['-'] : files)
    try {
      inputs.push(openInput(process, file))
    } catch (error) {
      if (!(error instanceof SystemError)) throw error
      await complain(process, `${file}: ${errorText(error)}`)
      failed++
    }
  if (inputs.length === 0) {
    await complain(process, 'all input file arguments failed')
    return 1
  }
  let toSkip = skip
  let left = most
  let address = skip
  let kept = Buffer.alloc(0)
  let before: Buffer | undefined
  let starred = false
  const show = async (data: Buffer): Promise<void> => {
    process.step(1 + (data.length >> 3))
    if (!all && before?.equals(data) && data.length === block) {
      if (!starred) await writer.put('*\n')
      starred = true
    } else {
      starred = false
      for (const format of formats)
        if (sizeOf(format) > 0) await writer.put(showBlock(format, data, address, address + data.length))
    }
    before = Buffer.from(data)
    address += data.length
  }
  for (const input of inputs)
    while (left > 0) {
      let data = await input.read(Math.min(4096, left + toSkip))
      if (!data) break
      const skipped = Math.min(toSkip, data.length)
      toSkip -= skipped
      data = data.subarray(skipped, skipped + left)
      left -= data.length
      kept = Buffer.concat([kept, data])
      let from = 0
      for (; kept.length - from >= block; from += block) await show(kept.subarray(from, from + block))
      kept = kept.subarray(from)
    }
  if (kept.length > 0) await show(kept)
  if (address > skip) for (const format of formats) await writer.put(showEnd(format, address))
  await writer.flush()
  return failed > 0 ? 1 : 0
}
