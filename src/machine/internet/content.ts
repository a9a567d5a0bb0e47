import { createCipheriv } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import type { Draw } from '#persona/draw.ts'
import { architectureIn, elfOf } from './elf.ts'
import { tarOf } from './tar.ts'

export type Content = { type: string; body: Buffer }

/** `size` bytes that do not compress, from a key. */
const noise = (key: Buffer, size: number): Buffer =>
  createCipheriv('aes-128-ctr', key.subarray(0, 16), Buffer.alloc(16)).update(Buffer.alloc(size))

const textType = 'text/plain'
const binaryType = 'application/octet-stream'

/** Names of processors and of programs that miners and bots are delivered as. */
const executable =
  /(^|[^a-z])(mips|mipsel|mpsl|arm|armv?[4-8]l?|aarch64|arm64|x86|x86[_-]64|x64|amd64|i[3-6]86|[56]86|ppc|powerpc|spc|sparc|m68k|sh4|arc|riscv)([^a-z]|$)|xmrig|kinsing|kdevtmpfsi|kthreadd|minerd|cnrig|\.(elf|bin|out|x|so)$/

const ending = (path: string): string => /\.(tar\.\w{2,4}|\w{1,5})$/.exec(path)?.[1]?.toLowerCase() ?? ''

/** A stage of a loader to look at: it prepares, and ends. Nothing in it names a place or a further file. */
const script = (draw: Draw): string => {
  const folders = ['/tmp', '/var/run', '/mnt', '/root', '/dev/shm', '/var/tmp']
  const from = draw.below(folders.length)
  const order = [...folders.slice(from), ...folders.slice(0, from)].slice(0, draw.between(3, 6))
  const log = `.${draw.string('abcdefghijklmnopqrstuvwxyz', draw.between(3, 6))}`
  const lines = [
    '#!/bin/sh',
    'PATH=$PATH:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    'export PATH',
    `cd ${order.join(' 2>/dev/null || cd ')} 2>/dev/null || cd /`,
    ...(draw.chance(0.6) ? ['ulimit -n 4096 2>/dev/null'] : []),
    ...(draw.chance(0.5) ? ['umask 022'] : []),
    'a=$(uname -m)',
    'case "$a" in',
    '  x86_64|amd64) b=64 ;;',
    '  i?86) b=32 ;;',
    '  *) b=0 ;;',
    'esac',
    `[ "$b" = 0 ] && exit ${draw.between(0, 1)}`,
    `[ -f ${log} ] && exit 0`,
    ...(draw.chance(0.5) ? [`n=$(grep -c ^processor /proc/cpuinfo 2>/dev/null)`] : []),
    `: > ${log} 2>/dev/null`,
    'exit 0',
  ]
  return `${lines.join('\n')}\n`
}

const page = (host: string): string =>
  `<!DOCTYPE html>\n<html>\n<head>\n<meta charset="utf-8">\n<title>${host}</title>\n</head>\n<body>\n<h1>${host}</h1>\n</body>\n</html>\n`

// A picture of one grey pixel, which is as inert as one gets.
const pixel = Buffer.from(
  '/9j/4AAQSkZJRgABAQEASABIAAD/2wBDAP//////////////////////////////////////////////////////////////////////////////////////wgALCAABAAEBAREA/8QAFBABAAAAAAAAAAAAAAAAAAAAAP/aAAgBAQABPxA=',
  'base64',
)

/** A file of the kind that the path promises, so that whoever fetches it goes on. The same URL has the same content. */
export const contentOf = (host: string, path: string, draw: Draw, key: Buffer): Content => {
  const clean = path.replace(/[?#].*$/, '')
  const name = clean.slice(clean.lastIndexOf('/') + 1).toLowerCase()
  const kind = ending(name)
  const text = (body: string, type = textType): Content => ({ type, body: Buffer.from(body) })
  if (/^(tar\.gz|tgz|tar|gz)$/.test(kind)) {
    const stem = name.replace(/\.(tar\.gz|tgz|tar|gz)$/, '') || 'a'
    const archive = tarOf(
      [
        { name: `${stem}/run`, mode: 0o755, data: Buffer.from(script(draw)) },
        { name: `${stem}/${stem}`, mode: 0o755, data: elfOf(undefined, noise(key, draw.between(40_000, 160_000))) },
        {
          name: `${stem}/config.json`,
          mode: 0o644,
          data: Buffer.from('{\n    "autosave": true,\n    "cpu": true\n}\n'),
        },
      ],
      Date.UTC(2025, draw.below(11), draw.between(1, 28)) / 1000,
    )
    return kind === 'tar'
      ? { type: 'application/x-tar', body: archive }
      : { type: 'application/gzip', body: gzipSync(archive) }
  }
  if (/^(sh|bash|ash|ksh)$/.test(kind)) return text(script(draw), 'application/x-sh')
  if (kind === 'py') return text(`#!/usr/bin/env python3\nimport os\n\nos.umask(0o22)\n`, 'text/x-python')
  if (kind === 'pl') return text(`#!/usr/bin/perl\nuse strict;\numask 022;\nexit 0;\n`, 'text/x-perl')
  if (kind === 'php') return text('\n', 'text/html; charset=UTF-8')
  if (/^(js|mjs)$/.test(kind)) return text(`'use strict'\n`, 'application/javascript')
  if (kind === 'json') return text('{"status":"ok"}\n', 'application/json')
  if (/^(jpe?g|png|gif|ico)$/.test(kind)) return { type: 'image/jpeg', body: pixel }
  if (/^(txt|conf|cfg|ini|log|md|pub|lst|list)$/.test(kind)) return text(`${draw.string('0123456789abcdef', 32)}\n`)
  if (name === '' || /^(html?|aspx?|jsp)$/.test(kind)) return text(page(host), 'text/html')
  if (executable.test(name)) {
    const miner = /xmrig|miner|kdevtmpfsi|kinsing/.test(name)
    const size = miner ? draw.between(1_900_000, 3_300_000) : draw.between(38_000, 148_000)
    return { type: binaryType, body: elfOf(architectureIn(name), noise(key, size)) }
  }
  // Whatever it is, it will be run: a script is run by `| sh` and by `./x` alike.
  return { type: binaryType, body: Buffer.from(script(draw)) }
}
