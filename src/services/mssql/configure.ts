import type { Session } from './state.ts'

/** An option of sp_configure: sys.configurations of SQL Server 2022. */
export type Configuration = {
  id: number
  name: string
  least: number
  most: number
  standard: number
  advanced: boolean
  dynamic: boolean
}

const rows = `
101|recovery interval (min)|0|32767|0|1|1
102|allow updates|0|1|0|0|1
103|user connections|0|32767|0|1|0
106|locks|5000|2147483647|0|1|0
107|open objects|0|2147483647|0|1|0
109|fill factor (%)|0|100|0|1|0
114|disallow results from triggers|0|1|0|1|1
115|nested triggers|0|1|1|0|1
116|server trigger recursion|0|1|1|0|1
117|remote access|0|1|1|0|0
124|default language|0|9999|0|0|1
400|cross db ownership chaining|0|1|0|0|1
503|max worker threads|128|65535|0|1|1
505|network packet size (B)|512|32767|4096|1|1
518|show advanced options|0|1|0|0|1
542|remote proc trans|0|1|0|0|1
544|c2 audit mode|0|1|0|1|0
1126|default full-text language|0|2147483647|1033|1|1
1127|two digit year cutoff|1753|9999|2049|1|1
1505|index create memory (KB)|704|2147483647|0|1|1
1517|priority boost|0|1|0|1|0
1519|remote login timeout (s)|0|2147483647|10|0|1
1520|remote query timeout (s)|0|2147483647|600|0|1
1531|cursor threshold|-1|2147483647|-1|1|1
1532|set working set size|0|1|0|1|0
1534|user options|0|32767|0|0|1
1535|affinity mask|-2147483648|2147483647|0|1|1
1536|max text repl size (B)|-1|2147483647|65536|0|1
1537|media retention|0|365|0|1|1
1538|cost threshold for parallelism|0|32767|5|1|1
1539|max degree of parallelism|0|32767|0|1|1
1540|min memory per query (KB)|512|2147483647|1024|1|1
1541|query wait (s)|-1|2147483647|-1|1|1
1543|min server memory (MB)|0|2147483647|0|1|1
1544|max server memory (MB)|128|2147483647|2147483647|1|1
1545|query governor cost limit|0|2147483647|0|1|1
1546|lightweight pooling|0|1|0|1|0
1547|scan for startup procs|0|1|0|1|0
1548|blocked process threshold (s)|0|86400|0|1|1
1549|filestream access level|0|2|0|0|1
1550|optimize for ad hoc workloads|0|1|0|1|1
1551|access check cache bucket count|0|65536|0|1|1
1552|access check cache quota|0|2147483647|0|1|1
1555|contained database authentication|0|1|0|0|1
1562|clr enabled|0|1|0|0|1
1563|max full-text crawl range|0|256|4|1|1
1576|remote admin connections|0|1|0|0|1
1577|common criteria compliance enabled|0|1|0|1|0
1579|backup compression default|0|1|0|0|1
1580|filestream access level|0|2|0|0|1
1581|automatic soft-NUMA disabled|0|1|0|1|0
1582|external scripts enabled|0|1|0|0|1
1585|clr strict security|0|1|1|1|1
16384|Agent XPs|0|1|0|1|1
16386|Database Mail XPs|0|1|0|1|1
16387|SMO and DMO XPs|0|1|1|1|1
16388|Ole Automation Procedures|0|1|0|1|1
16390|xp_cmdshell|0|1|0|1|1
16391|Ad Hoc Distributed Queries|0|1|0|1|1
16392|Replication XPs|0|1|0|1|1
16397|allow polybase export|0|1|0|0|1`

export const configurations: readonly Configuration[] = rows
  .trim()
  .split('\n')
  .map(row => {
    const [id, name, ...figures] = row.split('|')
    const [least, most, standard, advanced, dynamic] = figures.map(Number) as [number, number, number, number, number]
    return { id: Number(id), name: name!, least, most, standard, advanced: advanced === 1, dynamic: dynamic === 1 }
  })
  .filter(({ id }) => id !== 1580)

/** Options whose names begin with what was given, as sp_configure takes them. */
export const optionsLike = (given: string): Configuration[] => {
  const wanted = given.trim().toLowerCase()
  const exact = configurations.filter(({ name }) => name.toLowerCase() === wanted)
  return exact.length ? exact : configurations.filter(({ name }) => name.toLowerCase().includes(wanted))
}
export const setValue = ({ server }: Pick<Session, 'server'>, { name, standard }: Configuration): number =>
  server.configured.get(name) ?? standard
export const runningValue = ({ server }: Pick<Session, 'server'>, { name, standard }: Configuration): number =>
  server.running.get(name) ?? standard
/** Is that option in force? */
export const enabled = (session: Pick<Session, 'server'>, name: string): boolean =>
  session.server.running.get(name) === 1
