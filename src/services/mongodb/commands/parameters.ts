import type { Session } from '../state.ts'
import { type Doc, doc, int } from '../value.ts'

/** Server parameters that tools ask for, with their defaults. */
export function parameters({ cx, server }: Session): Doc {
  return doc({
    authenticationMechanisms: ['MONGODB-X509', 'SCRAM-SHA-1', 'SCRAM-SHA-256'],
    authSchemaVersion: int(5),
    clusterAuthMode: 'undefined',
    connPoolMaxConnsPerHost: int(200),
    cursorTimeoutMillis: 600_000n,
    diagnosticDataCollectionEnabled: true,
    enableLocalhostAuthBypass: true,
    enableTestCommands: false,
    featureCompatibilityVersion: doc({ version: server.series.join('.') }),
    internalQueryExecMaxBlockingSortBytes: int(104_857_600),
    localLogicalSessionTimeoutMinutes: int(30),
    logLevel: int(0),
    maxSessions: int(1_000_000),
    quiet: false,
    saslHostName: cx.persona.fqdn,
    saslauthdPath: '',
    scramIterationCount: int(10_000),
    scramSHA256IterationCount: int(15_000),
    sslMode: 'disabled',
    tlsMode: 'disabled',
    transactionLifetimeLimitSeconds: int(60),
    ttlMonitorEnabled: true,
    ttlMonitorSleepSecs: int(60),
    wiredTigerConcurrentReadTransactions: int(128),
    wiredTigerConcurrentWriteTransactions: int(128),
  })
}
