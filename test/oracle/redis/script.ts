import type { Step } from './dialogue.ts'

/** A command without quoting: words between single spaces. */
const c = (line: string): Step => line.split(' ')
const lines = (text: string): Step[] =>
  text
    .trim()
    .split('\n')
    .map(line => c(line.trim()))

/** Dialogues at a server open to the world; each begins with an empty data set. */
export const dialogues: Record<string, readonly Step[]> = {
  'inline commands': [
    'PING\r\n',
    'ping\n',
    '\r\n',
    '   \r\n',
    'PING hello\r\n',
    'ECHO "hello world"\r\n',
    "ECHO 'it\\'s'\r\n",
    'ECHO "a\\x41\\n\\t\\"q"\r\n',
    'ECHO ""\r\n',
    'SET k "v v"\r\nGET k\r\n',
    '  GET   k  \r\n',
    'FOO bar "baz qux"\r\n',
    'ECHO "open\r\n',
  ],
  'a quote in the middle of a word': ['ECHO a"b"\r\n', 'ECHO "a"b\r\n'],
  'a single quote that stays open': ["ECHO 'a\r\n"],
  'an inline line that is too long': [`${'A'.repeat(70_000)}`],
  'a multibulk count that is no number': ['*x\r\n'],
  'a multibulk count that is too large': ['*2147483648\r\n'],
  'a multibulk count of nothing': ['*0\r\n', '*-1\r\n', '*-10\r\n', 'PING\r\n'],
  'something else than a bulk': ['*1\r\n:1\r\n'],
  'an empty line for a bulk': ['*1\r\n\r\n'],
  'a byte that cannot be shown for a bulk': ['*1\r\n\x01\r\n'],
  'a negative bulk': ['*1\r\n$-1\r\n'],
  'a bulk that is no number': ['*1\r\n$abc\r\n'],
  'a bulk with a sign': ['*1\r\n$+4\r\nPING\r\n'],
  'a bulk with a leading zero': ['*1\r\n$04\r\nPING\r\n'],
  'a bulk over the limit': ['*1\r\n$536870913\r\n'],
  'a multibulk count with a sign': ['*+1\r\n$4\r\nPING\r\n'],
  'a bulk header without an end': [`*1\r\n$${'1'.repeat(70_000)}`],
  'a multibulk header without an end': [`*${'1'.repeat(70_000)}`],
  'bulks that do not end in CRLF': ['*1\r\n$4\r\nPINGxxPING\r\n'],
  'empty bulks': ['*1\r\n$0\r\n\r\n', '*2\r\n$4\r\nECHO\r\n$0\r\n\r\n'],
  pipelined: ['*1\r\n$4\r\nPING\r\nPING\r\n*2\r\n$3\r\nGET\r\n$1\r\nk\r\nNOPE\r\nPING\r\n'],
  'another protocol: a web page': ['POST / HTTP/1.1\r\nHost: x\r\n\r\n'],
  'another protocol: a request': ['GET / HTTP/1.1\r\nHost: x\r\n\r\n'],
  'another protocol: TLS': ['\x16\x03\x01\x00\x05hello\r\n'],
  'another protocol: SSH': ['SSH-2.0-Go\r\n'],
  quit: [c('QUIT')],
  'quit inline': ['quit\r\nPING\r\n'],
  unknown: [
    ...lines(`
      NOPE
      nope a b c
      constructor
      __proto__ x`),
    ['NOPE', 'x'.repeat(200), 'y'.repeat(200)],
    ['N'.repeat(200), 'a'],
    ['NOPE', "it's", 'a\r\nb'],
    ['NOPE', ...Array.from({ length: 60 }, (_, i) => `a${i}`)],
    ['BAD\r\nNAME'],
  ],
  arity: lines(`
    GET
    GET a b
    SET a
    SET
    PING a b
    ECHO
    ECHO a b
    SELECT
    SELECT 1 2
    AUTH
    DEL
    EXPIRE a
    HSET h f
    HSET h f v g
    HGET h
    LPUSH l
    SADD s
    ZADD z
    ZADD z 1
    INCRBY a
    MSET a
    MSET a 1 b
    KEYS
    SCAN
    CONFIG
    CONFIG GET
    CONFIG SET
    CONFIG SET a
    CONFIG NOPE
    CLIENT
    CLIENT NOPE
    CLIENT SETNAME
    CLIENT KILL
    OBJECT
    OBJECT ENCODING
    OBJECT NOPE k
    COMMAND NOPE
    DEBUG
    SLAVEOF
    SLAVEOF a
    MODULE
    MODULE LOAD
    MODULE NOPE
    SCRIPT
    SCRIPT LOAD
    SCRIPT NOPE
    EVAL
    EVAL x
    EVALSHA
    ACL
    ACL NOPE
    MEMORY
    MEMORY NOPE
    SLOWLOG
    SLOWLOG NOPE
    LATENCY
    PUBSUB
    PUBSUB NOPE
    XINFO
    FUNCTION
    CLUSTER
    INFO a b
    MONITOR x
    SUBSCRIBE
    PUBLISH a
    MULTI x
    WATCH
    SHUTDOWN a b c d e`),
  strings: lines(`
    SET k v
    GET k
    GET none
    SET k w NX
    SET n w XX
    SET k w GET
    SET k x XX GET
    SET n y NX GET
    SET k v NX XX
    SET k v EX
    SET k v EX 0
    SET k v EX -1
    SET k v EX abc
    SET k v PX 100000
    SET k v EX 10 PX 10
    SET k v KEEPTTL EX 1
    SET k v EX 9223372036854775807
    SET k v BOGUS
    SET k v EX 100 NX
    SETNX k v
    SETNX fresh v
    SETEX k 100 v
    SETEX k 0 v
    SETEX k x v
    PSETEX k 0 v
    MSET a 1 b 2 c 3
    MGET a b none c
    MSETNX a 1 z 2
    MSETNX y 1 z 2
    GETSET a 9
    GETSET nn 9
    GETDEL nn
    GETDEL nn
    GETEX a
    GETEX a EX 100
    GETEX a PERSIST
    GETEX none
    STRLEN a
    STRLEN none
    APPEND a bc
    GET a
    INCR c
    DECR c
    INCRBY c 10
    DECRBY c 3
    INCRBY c abc
    INCR a
    SET big 9223372036854775807
    INCR big
    DECRBY big -9223372036854775808
    SET f 10.5
    INCRBYFLOAT f 0.1
    INCRBYFLOAT f abc
    INCRBYFLOAT f 5.0e3
    INCRBYFLOAT newf 3
    INCR f
    SET s Hello
    GETRANGE s 0 -1
    GETRANGE s -3 -1
    GETRANGE s 1 100
    GETRANGE s 4 1
    GETRANGE s a b
    SUBSTR s 0 2
    SETRANGE s 1 ipp
    GET s
    SETRANGE s -1 x
    SETRANGE newr 3 x
    GET newr
    SETBIT bits 7 1
    SETBIT bits 7 0
    SETBIT bits a 1
    SETBIT bits 1 2
    GETBIT bits 7
    GETBIT bits 100
    BITCOUNT s
    BITCOUNT none
    BITCOUNT s 0 0
    LCS s a`),
  'the wrong type': lines(`
    RPUSH l a
    GET l
    INCR l
    APPEND l x
    HGET l f
    HSET l f v
    SADD l x
    ZADD l 1 x
    SMEMBERS l
    STRLEN l
    GETSET l x
    MGET l
    SET l x GET
    SET l x
    LPUSH l y
    LRANGE l 0 -1
    HGETALL l
    ZRANGE l 0 -1
    LLEN l
    SETBIT l 0 1
    TYPE l`),
  keys: lines(`
    SET a 1
    SET b 2
    SET ab 3
    EXISTS a b none a
    TYPE a
    TYPE none
    DEL a none
    UNLINK b
    KEYS a*
    KEYS [
    KEYS *
    DBSIZE
    RENAME ab cd
    RENAME none x
    RENAMENX cd cd
    SET x 1
    RENAMENX cd x
    TOUCH x none
    COPY x xx
    COPY x xx
    COPY x xx REPLACE
    MOVE x 1
    MOVE x 1
    MOVE none 1
    MOVE xx 99
    SELECT 1
    DBSIZE
    SELECT 16
    SELECT -1
    SELECT abc
    SELECT 0
    SWAPDB 0 1
    SWAPDB 0 99
    SWAPDB a 1
    DBSIZE
    FLUSHDB
    FLUSHDB ASYNC
    FLUSHALL BOGUS
    FLUSHALL SYNC
    SET solo 1
    SCAN 0
    SCAN 0 MATCH s* COUNT 100
    SCAN 0 TYPE string
    SCAN 0 TYPE list
    SCAN abc
    SCAN 0 COUNT
    SCAN 0 COUNT 0
    SCAN 0 COUNT x
    SCAN 0 BOGUS 1
    OBJECT ENCODING solo
    OBJECT REFCOUNT solo
    GET solo
    OBJECT IDLETIME solo
    OBJECT FREQ solo
    OBJECT ENCODING none
    DUMP none
    RESTORE x 0 bogus
    SORT none
    SORT solo`),
  expiry: lines(`
    SET k v
    TTL k
    TTL none
    PTTL none
    EXPIRE k 100
    TTL k
    EXPIRE none 100
    EXPIRE k abc
    EXPIRE k 100 NX
    EXPIRE k 50 GT
    EXPIRE k 500 GT
    EXPIRE k 500 LT
    EXPIRE k 400 LT
    EXPIRE k 400 XX
    TTL k
    EXPIRE k 400 NX XX
    EXPIRE k 400 GT LT
    EXPIRE k 400 BOGUS
    PERSIST k
    PERSIST k
    PERSIST none
    TTL k
    EXPIRE k 400 XX
    EXPIRE k 400 LT
    EXPIRE k 9223372036854775807
    EXPIRE k -1
    EXISTS k
    SET k v
    EXPIREAT k 1
    EXISTS k
    SET k v
    PEXPIREAT k 33177117420000
    EXPIRETIME k
    PEXPIRETIME k
    EXPIRETIME none
    SET k v
    EXPIRETIME k`),
  hashes: lines(`
    HSET h a 1 b 2
    HSET h a 2
    HMSET h c 3
    HMSET h c
    HGET h a
    HGET h z
    HMGET h a z
    HGETALL h
    HGETALL none
    HKEYS h
    HVALS h
    HLEN h
    HEXISTS h a
    HSTRLEN h a
    HSETNX h a 9
    HSETNX h n 9
    HINCRBY h a 5
    HINCRBY h a x
    HSET h s str
    HINCRBY h s 1
    HINCRBYFLOAT h a 1.5
    HSCAN h 0
    HSCAN h 0 MATCH a
    HSCAN h x
    HDEL h a z
    OBJECT ENCODING h
    HRANDFIELD none
    HRANDFIELD none 2
    HRANDFIELD h x
    HDEL h b c n s
    EXISTS h`),
  lists: lines(`
    LPUSH l a b c
    RPUSH l d
    LPUSHX none x
    RPUSHX l e
    LRANGE l 0 -1
    LRANGE l 1 2
    LRANGE l -2 -1
    LRANGE l 5 1
    LRANGE l a b
    LLEN l
    LINDEX l 0
    LINDEX l -1
    LINDEX l 99
    LINDEX l a
    LSET l 0 z
    LSET l 99 z
    LSET none 0 z
    LINSERT l BEFORE a x
    LINSERT l AFTER nope x
    LINSERT none AFTER nope x
    LINSERT l BOGUS a x
    LPOS l a
    LPOS l nope
    LREM l 0 x
    LREM l x x
    LTRIM l 0 2
    LRANGE l 0 -1
    RPOPLPUSH l m
    LMOVE l m LEFT RIGHT
    LMOVE none m LEFT RIGHT
    LMOVE l m BOGUS RIGHT
    LPOP l
    LPOP m 2
    LPOP m -1
    LPOP m 5
    LPOP none
    LPOP none 2
    RPOP none
    RPOP l x
    RPOPLPUSH none m
    BLPOP none 0.01
    BLPOP none x
    BLPOP none -1
    RPUSH bl v
    BLPOP bl 0
    BRPOP none 0.01
    EXISTS l
    OBJECT ENCODING l`),
  sets: lines(`
    SADD s 1 2 3
    SADD s 3 4
    SMEMBERS s
    SCARD s
    SISMEMBER s 1
    SISMEMBER s 9
    SMISMEMBER s 1 9
    OBJECT ENCODING s
    SADD t 3
    SINTER s t
    SINTER s none
    SUNION t none
    SDIFF t none
    SDIFF t s
    SINTERSTORE u s t
    SUNIONSTORE u t
    SDIFFSTORE u t s
    SINTERCARD 2 s t
    SINTERCARD 0 s
    SMOVE s t 1
    SMOVE s t 99
    SREM s 2 99
    SSCAN t 0
    SRANDMEMBER none
    SRANDMEMBER none 3
    SRANDMEMBER s x
    SPOP none
    SPOP none 2
    SPOP s -1
    SADD one x
    OBJECT ENCODING one
    SPOP one
    EXISTS one`),
  'sorted sets': lines(`
    ZADD z 1 a 2 b 3 c
    ZADD z NX 9 a
    ZADD z XX 9 d
    ZADD z CH 5 a
    ZADD z GT 1 a
    ZADD z INCR 1 a
    ZADD z NX XX 1 a
    ZADD z NX GT 1 a
    ZADD z GT LT 1 a
    ZADD z INCR 1 a 2 b
    ZADD z x a
    ZADD z 1 a 2
    ZADD z nan a
    ZADD z inf i
    ZADD z -inf j
    ZADD z 1.5 f
    ZADD z 3.0e10 g
    ZADD z 1e22 h
    ZCARD z
    ZSCORE z a
    ZSCORE z f
    ZSCORE z g
    ZSCORE z h
    ZSCORE z i
    ZSCORE z none
    ZMSCORE z a none
    ZRANGE z 0 -1
    ZRANGE z 0 -1 WITHSCORES
    ZRANGE z 0 1 REV
    ZRANGE z 1 3 BYSCORE
    ZRANGE z (1 +inf BYSCORE LIMIT 0 1
    ZRANGE z 0 1 LIMIT 0 1
    ZRANGE z - + BYLEX
    ZRANGE z a b BYLEX
    ZRANGE z x y
    ZREVRANGE z 0 0 WITHSCORES
    ZRANGEBYSCORE z -inf +inf LIMIT 0 2
    ZRANGEBYSCORE z (2 3
    ZRANGEBYSCORE z x y
    ZRANGEBYSCORE z 1 2 BOGUS
    ZREVRANGEBYSCORE z 3 1
    ZCOUNT z 1 3
    ZCOUNT z x 3
    ZRANK z b
    ZREVRANK z b
    ZRANK z none
    ZINCRBY z 2 b
    ZINCRBY z x b
    ZREM z a none
    ZSCAN z 0
    ZPOPMIN z
    ZPOPMAX z 1
    ZPOPMIN none
    ZREMRANGEBYRANK z 0 0
    ZREMRANGEBYSCORE z 0 100
    OBJECT ENCODING z`),
  transactions: lines(`
    EXEC
    DISCARD
    MULTI
    MULTI
    SET a 1
    GET a
    INCR a
    LPUSH a x
    EXEC
    MULTI
    NOPE
    SET b 1
    EXEC
    MULTI
    SET b
    EXEC
    MULTI
    SET b 1
    DISCARD
    GET b
    MULTI
    EXEC
    WATCH a
    MULTI
    WATCH b
    EXEC
    UNWATCH
    WATCH a
    SET a 5
    MULTI
    GET a
    EXEC
    MULTI
    SUBSCRIBE x
    EXEC
    UNSUBSCRIBE
    MULTI
    RESET
    EXEC`),
  'publish and subscribe': lines(`
    PUBLISH ch msg
    PUBSUB CHANNELS
    PUBSUB NUMSUB a b
    PUBSUB NUMPAT
    PUBSUB SHARDCHANNELS
    SUBSCRIBE a b
    PSUBSCRIBE p*
    GET x
    PING
    PING hey
    SUBSCRIBE a
    UNSUBSCRIBE a
    UNSUBSCRIBE none
    UNSUBSCRIBE
    UNSUBSCRIBE
    PUNSUBSCRIBE
    PUNSUBSCRIBE
    GET x
    SSUBSCRIBE s
    SUNSUBSCRIBE s
    SUBSCRIBE z
    RESET
    GET x`),
  RESP3: lines(`
    HELLO 3
    SET k v
    GET none
    HSET h a 1
    HGETALL h
    HGETALL none
    SADD s a
    SMEMBERS s
    ZADD z 1.5 m
    ZSCORE z m
    ZSCORE z none
    ZRANGE z 0 -1 WITHSCORES
    ZPOPMIN none
    LPOP none
    LPOP none 1
    CONFIG GET maxmemory
    CONFIG GET nothing
    MGET k none
    MULTI
    GET k
    EXEC
    SUBSCRIBE c
    GET k
    PING
    UNSUBSCRIBE c
    UNSUBSCRIBE
    COMMAND INFO get nope
    BLPOP none 0.01
    SRANDMEMBER none
    HRANDFIELD h 1 WITHVALUES
    OBJECT ENCODING none
    EVAL return{1,'a',false} 0
    HELLO 2
    GET none`),
  hello: lines(`
    HELLO
    HELLO 2
    HELLO 4
    HELLO abc
    HELLO 2 SETNAME me
    CLIENT GETNAME
    HELLO 2 BOGUS
    HELLO 2 AUTH default x
    HELLO 2 AUTH nobody x
    HELLO 2 AUTH default
    HELLO 2 SETNAME`),
  authentication: lines(`
    AUTH x
    AUTH default x
    AUTH nobody x
    AUTH a b c
    CONFIG SET requirepass hunter2
    CONFIG GET requirepass
    PING
    ACL WHOAMI
    AUTH wrong
    AUTH hunter2
    AUTH default hunter2
    CONFIG SET requirepass
    CONFIG GET requirepass
    RESET
    PING
    GET x
    NOPE
    GET
    QUIT`),
  'a password is set and the next one has to know it': [
    c('CONFIG SET requirepass hunter2'),
    c('RESET'),
    c('PING'),
    c('GET x'),
    c('NOPE'),
    c('GET'),
    'INFO\r\n',
    c('HELLO 3'),
    c('HELLO'),
    c('AUTH wrong'),
    c('AUTH default wrong'),
    c('AUTH hunter2'),
    c('PING'),
    c('ACL LIST'),
  ],
  'unauthenticated: too many words': [c('CONFIG SET requirepass hunter2'), c('RESET'), '*11\r\n'],
  'unauthenticated: too long a word': [c('CONFIG SET requirepass hunter2'), c('RESET'), '*1\r\n$16385\r\n'],
  configuration: lines(`
    CONFIG GET dir
    CONFIG GET dbfilename
    CONFIG GET max*memory
    CONFIG GET save
    CONFIG GET nothing
    CONFIG GET MAXMEMORY
    CONFIG GET port bind
    CONFIG GET dbfilename dbfile*
    CONFIG SET maxmemory 100mb
    CONFIG GET maxmemory
    CONFIG SET maxmemory x
    CONFIG SET maxmemory 0
    CONFIG SET nothing x
    CONFIG SET port 6380 nothing x
    CONFIG SET databases 5
    CONFIG SET appendonly maybe
    CONFIG SET stop-writes-on-bgsave-error no
    CONFIG GET stop-writes-on-bgsave-error
    CONFIG SET rdbcompression NO
    CONFIG GET rdbcompression
    CONFIG SET dbfilename a/b
    CONFIG SET dbfilename root
    CONFIG GET dbfilename
    CONFIG SET dbfilename dump.rdb dbfilename x
    CONFIG SET dir /nonexistent
    CONFIG SET dir /tmp
    CONFIG GET dir
    CONFIG SET maxmemory-policy bogus
    CONFIG SET maxmemory-policy allkeys-lru
    CONFIG SET loglevel x
    CONFIG SET timeout abc
    CONFIG SET timeout -1
    CONFIG SET timeout 0
    CONFIG SET slaveof x
    CONFIG SET slave-read-only no
    CONFIG GET slave-read-only
    CONFIG GET replica-read-only
    CONFIG SET protected-mode no
    CONFIG RESETSTAT
    CONFIG RESETSTAT x
    CONFIG HELP`),
  client: lines(`
    CLIENT GETNAME
    CLIENT SETNAME me
    CLIENT GETNAME
    CLIENT LIST
    CLIENT INFO
    CLIENT LIST TYPE normal
    CLIENT LIST TYPE bogus
    CLIENT LIST ID 999
    CLIENT KILL 192.0.2.9:1
    CLIENT KILL ID 999
    CLIENT KILL ID x
    CLIENT KILL BOGUS x
    CLIENT REPLY BOGUS
    CLIENT REPLY ON
    CLIENT NO-EVICT on
    CLIENT NO-EVICT x
    CLIENT PAUSE 0
    CLIENT PAUSE x
    CLIENT UNPAUSE
    CLIENT UNBLOCK 999
    CLIENT GETREDIR
    CLIENT TRACKINGINFO
    CLIENT TRACKING on
    CLIENT TRACKING off
    CLIENT TRACKING x
    CLIENT CACHING yes
    CLIENT HELP`),
  'client replies off': [
    c('CLIENT REPLY OFF'),
    c('PING'),
    c('CLIENT REPLY ON'),
    c('CLIENT REPLY SKIP'),
    c('PING'),
    c('PING'),
  ],
  replication: lines(`
    ROLE
    SLAVEOF NO ONE
    SLAVEOF 127.0.0.1 abc
    SLAVEOF 127.0.0.1 99999
    SLAVEOF 127.0.0.1 1
    SLAVEOF 127.0.0.1 1
    SET x 1
    GET x
    DEL x
    FLUSHALL
    INFO replication
    CONFIG GET replicaof
    CONFIG GET slaveof
    REPLICAOF no one
    SET x 1
    INFO replication
    REPLCONF listening-port 1
    REPLCONF bogus 1
    REPLCONF capa
    WAIT 0 0
    FAILOVER
    PSYNC`),
  'modules, scripts and functions': [
    ...lines(`
      MODULE LIST
      MODULE LOAD /tmp/none.so
      MODULE UNLOAD none
      MODULE LOADEX /tmp/none.so
      FUNCTION LIST
      FUNCTION FLUSH
      FCALL none 0
      SCRIPT EXISTS aa bb
      SCRIPT FLUSH
      SCRIPT FLUSH BOGUS
      SCRIPT KILL
      EVALSHA aa 0
      EVALSHA aa x
      EVAL x abc
      EVAL x -1
      EVAL x 1`),
    ['SCRIPT', 'LOAD', 'return 1'],
    ['SCRIPT', 'LOAD', 'return ('],
    ['SCRIPT', 'EXISTS', 'e0e1f9fabfc9d4800c877a703b823ac0578ff8db', 'x'],
    ['EVALSHA', 'e0e1f9fabfc9d4800c877a703b823ac0578ff8db', '0'],
    ['EVAL', 'return 1', '0'],
    ['EVAL', "return 'hello'", '0'],
    ['EVAL', 'return "hello"', '0'],
    ['EVAL', 'return {1,2,3}', '0'],
    ['EVAL', 'return nil', '0'],
    ['EVAL', 'return', '0'],
    ['EVAL', 'return true', '0'],
    ['EVAL', 'return false', '0'],
    ['EVAL', 'return KEYS[1]', '1', 'k'],
    ['EVAL', 'return ARGV[1]', '0', 'a'],
    ['EVAL', "return redis.call('ping')", '0'],
    ['EVAL', "return redis.call('set','x','1')", '0'],
    ['EVAL', "return redis.call('get','x')", '0'],
    ['EVAL', "return redis.call('info','cluster')", '0'],
    ['EVAL', "return redis.call('nope')", '0'],
    ['EVAL', "return redis.pcall('nope')", '0'],
    ['EVAL', 'return 3.9', '0'],
    ['EVAL', 'return (', '0'],
    ['EVAL', 'bogus', '0'],
    ['EVAL', 'return _VERSION', '0'],
    ['EVAL', "return os.execute('id')", '0'],
    ['EVAL', "return io.popen('id')", '0'],
    ['EVAL', "return package.loadlib('/usr/lib/x86_64-linux-gnu/liblua5.1.so.0', 'luaopen_io')", '0'],
    [
      'EVAL',
      'local io_l = package.loadlib("/usr/lib/x86_64-linux-gnu/liblua5.1.so.0", "luaopen_io"); local io = io_l(); local f = io.popen("id", "r"); local res = f:read("*a"); f:close(); return res',
      '0',
    ],
    ['EVAL', 'dofile("/etc/passwd")', '0'],
    ['EVAL', "return loadstring('return 1')()", '0'],
    ['EVAL', "return redis.sha1hex('')", '0'],
    ['EVAL', "return redis.error_reply('My Err')", '0'],
    ['EVAL', "return redis.status_reply('FINE')", '0'],
    ['EVAL', "error('boom')", '0'],
  ],
  server: [
    ...lines(`
      INFO server
      INFO clients
      INFO memory
      INFO persistence
      INFO stats
      INFO cpu
      INFO modules
      INFO errorstats
      INFO cluster
      INFO keyspace
      INFO bogus
      SET k v
      INFO keyspace
      INFO
      INFO all
      INFO everything
      INFO commandstats
      INFO latencystats
      DBSIZE
      SAVE
      SAVE x
      BGSAVE SCHEDULE
      BGSAVE x
      BGREWRITEAOF x
      DEBUG SLEEP 0
      DEBUG OBJECT k
      DEBUG JMAP
      ACL WHOAMI
      ACL USERS
      ACL LIST
      ACL CAT
      ACL CAT bogus
      ACL GETUSER nobody
      ACL GETUSER default
      ACL SETUSER
      ACL SETUSER joe on >pw ~* +@all
      ACL SETUSER joe bogus
      ACL USERS
      ACL LIST
      ACL DELUSER joe
      ACL DELUSER default
      ACL LOG
      ACL LOG RESET
      ACL LOAD
      ACL SAVE
      ACL GENPASS 8 9
      SLOWLOG RESET
      SLOWLOG GET
      SLOWLOG LEN
      LATENCY LATEST
      LATENCY RESET
      LATENCY HISTORY x
      LATENCY DOCTOR
      MEMORY USAGE none
      MEMORY USAGE k
      MEMORY PURGE
      MEMORY DOCTOR
      CLUSTER INFO
      CLUSTER NODES
      READONLY
      READWRITE
      ASKING
      LOLWUT
      LOLWUT VERSION 9
      COMMAND COUNT
      COMMAND INFO get set nope
      COMMAND GETKEYS SET a b
      COMMAND LIST FILTERBY BOGUS x
      COMMAND DOCS nope
      RESET
      SHUTDOWN BOGUS`),
  ],
  monitor: lines(`
    MONITOR
    PING`),
  'other structures': lines(`
    PFADD p a b
    PFCOUNT p
    PFCOUNT none
    PFMERGE q p
    XADD x * a 1 b
    XLEN none
    XRANGE none - +
    XREAD COUNT 1 STREAMS none 0
    XINFO STREAM none
    XGROUP CREATE none g $
    XDEL none 1-1
    XTRIM none MAXLEN 5
    XPENDING none g
    XACK none g 1-1
    GEOADD g 200 1 x
    GEOPOS none a
    GEODIST none a b
    GEOSEARCH none FROMLONLAT 1 1 BYRADIUS 1 km
    GEOHASH none a
    BITOP AND d none
    BITPOS none 1
    BITFIELD none GET u8 0
    SETBIT bb 1 1
    BITOP NOT d bb
    LMPOP 1 none LEFT
    ZMPOP 1 none MIN
    ZUNION 1 none
    ZINTER 1 none
    ZDIFF 1 none
    ZUNIONSTORE d 1 none
    ZRANGESTORE d none 0 -1
    ZRANDMEMBER none
    ZRANDMEMBER none 2
    ZLEXCOUNT none - +
    ZRANGEBYLEX none - +
    OBJECT HELP`),
  'a cron job, the way worms leave one': [
    c('INFO'),
    c('CONFIG SET stop-writes-on-bgsave-error no'),
    c('FLUSHALL'),
    ['SET', 'backup1', '\n\n\n*/2 * * * * root true\n\n'],
    c('CONFIG SET dir /var/tmp/'),
    c('CONFIG SET dbfilename skep-oracle-root'),
    c('SAVE'),
    c('CONFIG GET dir'),
    c('QUIT'),
  ],
  'large values': [
    ['SET', 'big', 'x'.repeat(200_000)],
    c('STRLEN big'),
    c('GETRANGE big 199998 -1'),
    ['APPEND', 'big', 'y'.repeat(100_000)],
    c('OBJECT ENCODING big'),
    ['ECHO', 'z'.repeat(100_000)],
  ],
}
