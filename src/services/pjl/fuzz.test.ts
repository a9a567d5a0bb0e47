import { test } from 'node:test'
import { fuzzConversations } from '#services/testing/fuzz.ts'
import pjl from './index.ts'

const words = [
  '\x1b%-12345X',
  '\x1b%-12345',
  '@PJL ',
  '@PJL INFO VARIABLES\r\n',
  '@PJL FSDOWNLOAD FORMAT:BINARY SIZE=9999999 NAME="0:\\x"\r\n',
  '@PJL FSINIT VOLUME="0:"\r\n',
  'NAME="',
  'SIZE=',
  'OFFSET=999999999 ',
  'ENTRY=0 COUNT=0 ',
  '0:\\..\\..\\',
  '__proto__',
  '%!PS',
  '\r\n',
  '"',
  '=',
]

test('mutated conversations end in a named way, and memory stays bounded', { timeout: 600_000 }, () =>
  fuzzConversations(pjl, { folder: import.meta.dirname, words }),
)
