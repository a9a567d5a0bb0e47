import type { Output, Process } from '../../system.ts'
import { attempt } from '../paths.ts'
import { readWhole } from './curl.ts'
import type { CurlOptions } from './curl-options.ts'

/** What a request brings with it. */
export type Upload = {
  method: 'POST' | 'PUT'
  data: Buffer
  /** Content-Type; none for uploads of files. */
  type: string | undefined
  /** The file that was sent. */
  path?: string
}

const encoded = (text: string): string =>
  text.replace(/[^A-Za-z0-9._~-]/g, char => `%${char.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`)

/** The body that -d, --json, -F and -T describe; an exit status where a file is missing. */
export const uploadOf = async (
  process: Process,
  options: CurlOptions,
  log: Output,
): Promise<Upload | undefined | number> => {
  const pieces: string[] = []
  const form: Buffer[] = []
  const boundary = `------------------------${process.random(8).toString('hex')}`
  for (const { name, value } of options.given) {
    if (/^(data(-ascii|-binary|-raw)?|json)$/.test(name)) {
      if (!value.startsWith('@') || name === 'data-raw') pieces.push(value)
      else {
        const file = await readOrSay(process, log, value.slice(1), options)
        if (!Buffer.isBuffer(file)) continue
        const text = file.toString('latin1')
        pieces.push(name === 'data-binary' || name === 'json' ? text : text.replace(/[\r\n\0]/g, ''))
      }
    } else if (name === 'data-urlencode') {
      const [, label = '', at, content = ''] = /^([^=@]*)([=@])?(.*)$/s.exec(value)!
      const text = at === '@' ? await readOrSay(process, log, content, options) : at === '=' ? content : label
      const plain = Buffer.isBuffer(text) ? text.toString('latin1') : (text ?? '')
      pieces.push(at !== undefined && label !== '' ? `${label}=${encoded(plain)}` : encoded(plain))
    } else if (name === 'form' || name === 'form-string') {
      const [, label = '', content = ''] = /^([^=]*)=?(.*)$/s.exec(value)!
      const file = name === 'form' && /^[@<]([^;]*)/.exec(content)?.[1]
      let data = Buffer.from(content, 'latin1')
      if (file) {
        const read = await readOrSay(process, log, file, options)
        if (!Buffer.isBuffer(read)) return 26
        data = Buffer.from(read)
        process.host.witness.file({ path: file, data, fate: 'sent' })
      }
      const named =
        file && content.startsWith('@')
          ? `; filename="${file.slice(file.lastIndexOf('/') + 1)}"\r\nContent-Type: application/octet-stream`
          : ''
      form.push(
        Buffer.from(`--${boundary}\r\nContent-Disposition: form-data; name="${label}"${named}\r\n\r\n`, 'latin1'),
        data,
        Buffer.from('\r\n'),
      )
    }
  }
  const file = options.value('upload-file')
  if (file !== undefined && file !== '') {
    const read = await readOrSay(process, log, file, { ...options, on: () => false })
    if (!Buffer.isBuffer(read)) {
      await log.write(
        "curl: try 'curl --help' or 'curl --manual' for more information\ncurl: (26) Failed to open/read local data from file/application\n",
      )
      return 26
    }
    process.host.witness.file({ path: file, data: read, fate: 'sent' })
    return { method: 'PUT', data: read, type: undefined, path: file }
  }
  if (form.length > 0)
    return {
      method: 'POST',
      data: Buffer.concat([...form, Buffer.from(`--${boundary}--\r\n`)]),
      type: `multipart/form-data; boundary=${boundary}`,
    }
  if (pieces.length === 0) return undefined
  const json = options.given.some(({ name }) => name === 'json')
  return {
    method: 'POST',
    data: Buffer.from(pieces.join(json ? '' : '&'), 'latin1').subarray(0, 4 << 20),
    type: json ? 'application/json' : 'application/x-www-form-urlencoded',
  }
}

const readOrSay = async (process: Process, log: Output, path: string, options: CurlOptions) => {
  const read = attempt(() => readWhole(process, path))
  if ('value' in read) return read.value
  if (options.on('silent')) return undefined
  if (options.value('upload-file') === path) await log.write(`curl: Can't open '${path}'!\n`)
  else await log.write(`Warning: Couldn't read data from file "${path}", this makes an empty POST.\n`)
  return undefined
}
