import { generateKeyPairSync } from 'node:crypto'
import { readFileSync } from 'node:fs'
const { observeSession } = await import('/work/main/test/oracle/ssh/session-observe.ts')
const { sessionProbes } = await import('/work/main/test/oracle/ssh/session-probes.ts')
const { connect } = await import('/work/main/src/services/ssh/testing.ts')
const recorded = JSON.parse(readFileSync('/work/main/test/oracle/ssh/fixtures/openssh-9.2p1-debian12-sessions.json','utf8'))
const { privateKey } = generateKeyPairSync('ed25519')
for (const probe of sessionProbes) {
  const expected = recorded[probe.name]
  const { conn, ending, events } = connect({ options: { access: { publicKeys: 'accept' } } })
  let round=-1
  const quiet = async heard => { const words = expected[++round]?.filter(l=>l!=='open').length ?? 0; const before = round===0?0:heard()
    for (let turns=0,last=-1; turns<40; turns++) { await new Promise(setImmediate); if (heard()!==last) turns=0; last=heard() }
    for (let w=0; w<100 && heard()-before<words && conn.over===undefined; w++) await new Promise(r=>setTimeout(r,10)) }
  const got = await observeSession(conn, probe, privateKey, quiet)
  if (JSON.stringify(got) !== JSON.stringify(expected)) { console.log('##', probe.name); for (let i=0;i<Math.max(got.length, expected.length);i++) if (JSON.stringify(got[i])!==JSON.stringify(expected[i])) console.log('  round',i,'\n    real', JSON.stringify(expected[i])?.slice(0,400), '\n    ours', JSON.stringify(got[i])?.slice(0,400)) }
  const e = await ending; 
}
process.exit(0)
