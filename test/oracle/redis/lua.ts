import type { Step } from './dialogue.ts'

/** Scripts, right and wrong ones, as attackers, libraries and people at a prompt write them. */
const scripts = String.raw`
local a, b = 1, 2 return a + b * 3
local t = {} for i = 1, 5 do t[#t + 1] = i * i end return t
local s = 0 for i = 10, 1, -3 do s = s + i end return s
local n = 0 while true do n = n + 1 if n > 7 then break end end return n
local n = 0 repeat local m = n n = n + 1 until m == 4 return n
local t = {} for k, v in pairs({10, 20, 30}) do t[k] = v + 1 end return t
local t = {} for i, v in ipairs({'a', 'b', nil, 'c'}) do t[i] = v end return t
local function f(n) if n < 2 then return n end return f(n - 1) + f(n - 2) end return f(12)
local f = function(...) return select('#', ...), ... end return {f(1, nil, 3)}
return {1, 2, nil, 4}
return {1, {2, {3, 'x'}}, true, false, 1.9}
return {ok = 'fine'}
return {err = 'MY error'}
return {double = 3.25}
return #'hello' .. '!' .. 2
return ('x'):rep(5):upper()
return string.format('%5d|%-5s|%05.1f|%x|%q|%s', 42, 'ab', 3.14159, 255, 'a"b', 'z')
return string.format('%g %g %g', 1e20, 0.1, 100)
return {string.find('hello world', 'o w'), string.find('a.b', '.', 1, true)}
return {string.match('key:123:x', '(%a+):(%d+)')}
return {string.gsub('hello world', 'o', '0')}
return {string.gsub('abc', '%w', '%0%0', 2)}
return string.gsub('hello', '(l)(l)', '%2-%1')
local t = {} for w in string.gmatch('one two  three', '%a+') do t[#t + 1] = w end return t
return {string.byte('AZ', 1, -1)}
return string.char(72, 105) .. string.reverse('abc') .. string.sub('hello', 2, -2) .. string.len('abc')
return tostring(1e15) .. ' ' .. tostring(2 ^ 53) .. ' ' .. tostring(0.1) .. ' ' .. tostring(-0.5) .. ' ' .. tostring(nil) .. tostring(true)
return tonumber('0x10') + tonumber('  12  ') + tonumber('7', 8)
return tonumber('abc') == nil
return {type(nil), type(1), type('x'), type({}), type(print == nil)}
return {type(nil), type(1), type('x'), type({}), type(type)}
local t = {3, 1, 2} table.sort(t) return t
local t = {3, 1, 2} table.sort(t, function(a, b) return a > b end) return t
local t = {1, 2, 3} table.insert(t, 4) table.insert(t, 1, 0) table.remove(t, 2) return t
return table.concat({1, 2, 'x'}, ', ')
return table.concat({1, {}, 3})
return math.floor(3.7) + math.ceil(1.2) + math.max(1, 9, 3) + math.min(4, 2) + math.abs(-1)
return {7 % 3, -7 % 3, 7 / 2, 2 ^ 10, -2 ^ 2}
return {1 < 2, 'a' < 'b', 1 == 1.0, '1' == 1, not nil}
return 1 and 2 or 3
return nil or false
return 'a' .. 1 .. 2.5
return 10 == '10'
return '10' + 5
return {pcall(error, 'x')}
return {pcall(function() error('deep') end)}
return {pcall(function() error({code = 7}) end)}
local ok, e = pcall(redis.call, 'nope') return {tostring(ok), type(e), e.err}
local e = redis.pcall('incr') return e.err
return redis.call('set', KEYS[1], ARGV[1])
return redis.call('get', 'missing')
return type(redis.call('get', 'missing'))
redis.call('del', 'l') redis.call('rpush', 'l', 'a', 'b') return redis.call('lrange', 'l', 0, -1)
redis.call('set', 'n', 5) return redis.call('incrby', 'n', 10)
redis.call('set', 'n', 'x') return redis.call('incr', 'n')
return redis.call('incr', 'n', 'm')
return redis.call()
return redis.call({})
return redis.call('subscribe', 'c')
return redis.call('eval', 'return 1', 0)
return redis.call('hset', 'h', 'a', 1, 'b', 2.5)
return redis.call('hgetall', 'h')
redis.call('zadd', 'z', 1.5, 'm') return redis.call('zscore', 'z', 'm')
return redis.call('set', 'f', 3.0)
return redis.call('get', 'f')
return redis.call('set', 'f', 3.14)
return redis.call('get', 'f')
return cjson.encode({1, 2, {a = 'b'}})
return cjson.encode('q"\\/x')
return cjson.decode('{"a":[1,2,{"b":null}]}').a[2]
return cjson.decode('[1,2')
return bit.band(12, 10) + bit.bor(1, 4) + bit.lshift(1, 4)
return redis.sha1hex('abc')
return redis.sha1hex()
return redis.error_reply('ERR mine')
return redis.status_reply()
return redis.log(redis.LOG_NOTICE, 'x')
return redis.nosuch
x = 1
return x
KEYS[3] = 'x' return KEYS[3]
redis.call = nil
string.rep = nil
local t = setmetatable({}, {__index = function(t, k) return k .. '!' end}) return t.foo
local t = setmetatable({}, {__call = function(self, a) return a * 2 end}) return t(21)
return rawget({a = 1}, 'a')
return next({})
return {next({5})}
return unpack({1, 2, 3})
return {unpack({1, 2, 3}, 2)}
return select(2, 'a', 'b', 'c')
return select(-1, 'a', 'b', 'c')
return assert(false, 'no way')
return assert(nil)
return assert(5)
error()
error({err = 'CODE text'})
error('no place', 0)
local a = nil return a.b
local a = nil return a()
return undefined_function()
return ('x')()
return {} + 1
return 'a' + 1
return {} .. 'x'
return 1 < 'x'
return {} < {}
return #5
local t = {} t[nil] = 1
for i = 'a', 2 do end
if true then return 'yes' else return 'no' end
if false then return 1 elseif nil then return 2 else return 3 end
do local x = 1 end return x
return [[long
string]]
return [==[a]]b]==]
return 'tab\tnew\\n\065\'q'
-- a comment
--[[ a long
comment ]] return 'after'
return 1;
return return
for
if x
local = 3
return 'open
return "a
return [[open
return 1 1
return 0x
return 3x
return @
return (1
f(
end
while true do
function f( end
local function g() return 1 end return g() + (function() return 2 end)()
goto x
return ...
local a <const> = 1
return 1 // 2
return math.random(10), math.random(10)
return loadstring('return 7')()
return loadstring('return (')
return tostring(loadstring('x ='))
return load
return os.clock()
return print('x')
return require('os')
return getfenv
return debug.traceback()
return collectgarbage('count') > 0
return string.dump(function() end)
return redis.setresp(3)
return redis.replicate_commands()
return _G.redis.call('ping')
return _VERSION
`
  .trim()
  .split(/\n(?!comment|string)/)

export const lua: readonly Step[] = [
  ...scripts.map(script => ['EVAL', script, '1', 'key1', 'arg1']),
  ['EVAL', 'return {KEYS[1], KEYS[2], ARGV[1], ARGV[2], #ARGV}', '2', 'a', 'b', 'c'],
  ['EVAL', 'return\n\n\nnil + 1', '0'],
  ['EVAL', 'local x = 1\nlocal y = {}\nreturn x + y', '0'],
  ['EVAL', "redis.call('set', 'k', 'v')\nreturn redis.call('get', 'k', 'too many')", '0'],
  ['EVAL', "return redis.call('get', 'k')", '0'],
  ['EVAL_RO', "return redis.call('get', 'k')", '0'],
  ['SCRIPT', 'LOAD', "return redis.call('incrby', KEYS[1], ARGV[1])"],
  ['EVALSHA', 'bc2b7f4c1c4e3f4a2ac7b2a3a5c5aa5c0a4b3c2d', '1', 'n2', '5'],
  ['SCRIPT', 'LOAD', 'x = = 1'],
  ['SCRIPT', 'EXISTS', 'e0e1f9fabfc9d4800c877a703b823ac0578ff8db'],
  ['MULTI'],
  ['EVAL', "return redis.call('set', 'm', '1')", '0'],
  ['EVAL', 'return nope', '0'],
  ['EXEC'],
  ['SELECT', '1'],
  ['EVAL', "redis.call('select', '2') redis.call('set', 'in2', 'x') return redis.call('get', 'in2')", '0'],
  ['GET', 'in2'],
  ['HELLO', '3'],
  ['EVAL', 'return {1, true, false, nil}', '0'],
  ['EVAL', 'return false', '0'],
  ['EVAL', "return redis.call('hgetall', 'none')", '0'],
]
