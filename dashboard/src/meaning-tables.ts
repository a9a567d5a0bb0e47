import type { Meaning } from './meaning.ts'

/** What a line is for, the first patterns first; every pattern is linear. */
export type Table = readonly [Meaning, RegExp][]

const redis: Table = [
  ['redisReplica', /^(?:slaveof|replicaof)\s+(?!no\b)/i],
  ['redisModule', /^module\s+load/i],
  ['redisDir', /^config\s+set\s+(?:dir|dbfilename)/i],
  ['dataWipe', /^flush(?:all|db)/i],
  ['redisScript', /^(?:eval|evalsha|script)\b/i],
  ['redisRun', /^system\.(?:exec|rev)\b/i],
  ['dataTake', /^(?:get|mget|hgetall|lrange|smembers|dump|psync|sync)\b/i],
  ['dataPut', /^(?:set|mset|setex|hset|lpush|rpush|sadd)\b/i],
  ['dataLook', /^(?:keys|scan|randomkey|type)\b/i],
  ['serverLook', /^(?:info|ping|client|command|dbsize|config\s+get|hello|role)\b/i],
]

const ftp: Table = [
  ['ftpBounce', /^(?:port|eprt)\b/i],
  ['fileStore', /^(?:stor|stou|appe)\b/i],
  ['fileFetch', /^retr\b/i],
  ['fileList', /^(?:list|nlst|mlsd|mlst|stat)\b/i],
  ['writeTest', /^(?:mkd|xmkd)\b/i],
  ['wipe', /^(?:dele|rmd|xrmd)\b/i],
  ['serverLook', /^(?:syst|feat|help)\b/i],
  ['ftpBegin', /^(?:pasv|epsv|type|cwd|pwd|quit|noop|opts|auth|pbsz|prot|cdup|size|mdtm|mode|stru)\b/i],
]

const ransom =
  /\b(?:btc|bitcoin|monero|ransom)\b|(?:data|files?) (?:is|are|was|were|has|have) (?:been )?(?:gone|backed|encrypted|ours|lost)/i

/** Databases that are asked in SQL. */
const sql: Table = [
  ['ransom', ransom],
  ['sqlRun', /xp_cmdshell\s+'|(?:from|to)\s+program\b|sys_(?:exec|eval)|sp_oa(?:create|method)|cmdexec|\bsyscmd\b/i],
  ['sqlOpen', /\bsp_configure\b|\breconfigure\b|trustworthy\s+on/i],
  [
    'sqlLibrary',
    /\bsoname\b|create\s+assembly|language\s+c\b|external\s+name|into\s+dumpfile|\blo_(?:export|from_bytea|import|put)\b/i,
  ],
  ['sqlShare', /\bxp_(?:dirtree|fileexist|subdirs)\b|bulk\s+insert|openrowset/i],
  ['sqlFile', /\bload_file\b|pg_read_(?:binary_)?file|pg_ls_dir|load\s+data|into\s+outfile/i],
  [
    'account',
    /\b(?:create|alter|drop)\s+(?:user|role|login)\b|\bgrant\s|set\s+password|sp_addlogin|sp_addsrvrolemember/i,
  ],
  ['dataWipe', /\b(?:drop\s+(?:database|table|schema)|truncate\s|delete\s+from)\b/i],
  ['dataPut', /\b(?:insert\s+into|create\s+(?:database|table)|update\s+\S{1,80}\s+set)\b/i],
  ['serverLook', /@@|\bversion\s?\(|serverproperty|current_user|com_statistics|command=(?:version|status|ping)/i],
  [
    'dataLook',
    /^(?:show|use|describe|desc|explain)\b|information_schema|pg_catalog|sys\.(?:databases|tables|objects)|all_tables/i,
  ],
  ['dataTake', /^select\b.{1,400}\bfrom\b/is],
  ['oraclePoison', /service_register/i],
  ['oracleName', /\((?:sid|service_name)=/i],
]

const mongodb: Table = [
  ['ransom', ransom],
  ['account', /"(?:createUser|updateUser|grantRolesToUser|dropUser)"/],
  ['dataWipe', /"(?:drop|dropDatabase|delete|dropIndexes)":/],
  ['script', /\$where|\$function|"mapReduce"|"eval"/i],
  ['dataPut', /"(?:insert|update|findAndModify|createIndexes)":/],
  ['serverLook', /\b(?:buildinfo|hostInfo|serverStatus|isMaster|ismaster|getLog|connectionStatus|whatsmyuri)\b/i],
  ['dataLook', /"(?:listDatabases|listCollections|count|dbStats|collStats|usersInfo|distinct)":/],
  ['dataTake', /"(?:find|aggregate|getMore)":/],
]

/** Stores of keys and values, and what passes messages on: verbs of several protocols that do not get in each other's way. */
const data: Table = [
  ['ransom', ransom],
  ['clusterJoin', /^(?:MemberAdd|reconfig)\b/],
  ['rights', /^setACL\b/],
  ['dataWipe', /^(?:flush_all|delete\s|del\s|multi delete|Delete(?:Topics|Groups|Records)|queue\.(?:delete|purge))/],
  ['listenIn', /^(?:basic\.(?:get|consume)|Fetch\s|addWatch|setWatches|Watch\b)/],
  ['dataTake', /^(?:gets?\s|getk\s|mg\s|getData|Snapshot|range\b)/],
  ['dataPut', /^(?:set\s|add\s|put\s|create2?\s|setData|multi (?:create|setData)|basic\.publish|Produce|CreateTopics)/],
  ['queueSet', /^(?:exchange|queue)\.(?:declare|bind)/],
  ['serverLook', /^(?:version|stats|srvr|envi|conf|stat|mntr|ruok|Metadata|ApiVersions)\b/],
  [
    'dataLook',
    /^(?:getChildren|exists|getACL|getAllChildrenNumber|getEphemerals|List|Describe|OffsetFetch|FindCoordinator)/,
  ],
]

const mqtt: Table = [
  ['mqttFirmware', /^PUBLISH\s.{0,400}(?:OtaUrl|\bUpgrade\b|\.bin\b|firmware)/i],
  ['mqttCommand', /^PUBLISH\s+\S{0,400}(?:cmnd|\/set\b|\/command|\/rpc|POWER)/i],
  ['dataPut', /^PUBLISH\b/],
  ['listenIn', /^SUBSCRIBE\b/],
]

const ldap: Table = [
  ['jndi', /^SEARCH base="(?:Basic|Deserialization|TomcatBypass|GroovyBypass|WebsphereBypass)\//],
  ['ldapSecrets', /^SEARCH\b.{0,800}(?:userPassword|sambaNTPassword|unicodePwd|shadow)/i],
  ['serverLook', /^SEARCH base=""/],
  ['ldapRead', /^(?:SEARCH|COMPARE)\b/],
  ['account', /^EXTENDED PasswordModify|^(?:ADD|MODIFY)\b.{0,800}(?:uidNumber|memberUid|userPassword)/i],
  ['ldapChange', /^(?:ADD|MODIFY|DELETE|MODRDN)\b/],
]

/** Letters: handing over (SMTP), reading (POP3, IMAP), and news. */
const mail: Table = [
  ['mailWho', /^(?:vrfy|expn)\b/i],
  ['mailFrom', /^mail from:/i],
  ['mailTo', /^rcpt to:/i],
  ['mailHand', /^(?:data|bdat)\b/i],
  ['newsPost', /^(?:post|ihave)(?:\s|$)/i],
  ['mailPlant', /^(?:\S{1,30} )?append\b/i],
  ['mailSearch', /^(?:\S{1,30} )?(?:uid )?(?:search|xpat)\b/i],
  ['mailDelete', /^dele\b|\\deleted|\bexpunge\b/i],
  ['mailRead', /^(?:retr|top|article|body|head)\b|^\S{1,30} (?:uid )?fetch\b/i],
  [
    'mailLook',
    /^(?:list|stat|uidl|group|listgroup|over|xover|hdr|newgroups)\b|^\S{1,30} (?:list|lsub|select|examine|status)\b/i,
  ],
  ['serverLook', /^(?:\S{1,30} )?(?:capa|capability|capabilities|id|help)\b/i],
]

const sip: Table = [
  ['sipPing', /^OPTIONS\b/],
  ['sipRegister', /^REGISTER\b/],
  ['sipCall', /^INVITE\b/],
  ['sipTransfer', /^REFER\b/],
  ['sipText', /^MESSAGE\b/],
  ['sipKeys', /^INFO\b.{0,300}Signal=/],
  ['sipWatch', /^(?:SUBSCRIBE|NOTIFY|PUBLISH)\b/],
  ['sipEnd', /^(?:BYE|CANCEL)\b/],
]

const irc: Table = [
  ['ircJoin', /^JOIN\b/i],
  ['ircOrders', /^(?:TOPIC|PRIVMSG|NOTICE)\b/i],
  ['ircRule', /^(?:OPER|MODE|KICK|KILL)\b/i],
  ['ircLook', /^(?:WHO|WHOIS|LIST|LUSERS|NAMES|LINKS|VERSION)\b/i],
]

const xmpp: Table = [
  ['xmppRegister', /jabber:iq:register/],
  ['xmppContacts', /jabber:iq:roster/],
  ['xmppText', /^<message\b/],
  ['serverLook', /jabber:iq:version|disco#(?:info|items)/],
  ['xmppServer', /jabber:server:dialback/],
]

const files: Table = [
  ['configHunt', /^RRQ\b.{0,200}(?:confg|config|\.cfg)/i],
  ['fileStore', /^WRQ\b|^rsync --server (?!.{0,200}--sender)/],
  ['fileFetch', /^RRQ\b|^rsync --server .{0,200}--sender/],
  ['folderName', /^module\b/],
]

const git: Table = [
  ['gitPush', /^git-receive-pack\b/],
  ['gitTake', /^(?:git-upload-pack|ls-refs|fetch)\b/],
]

/** Printers, over IPP and on their raw port. */
const printers: Table = [
  ['printerAdd', /^CUPS-Add/],
  ['printerPrint', /^(?:Print-Job|Send-Document|@PJL ENTER LANGUAGE)/i],
  ['printerWords', /^@PJL (?:RDYMSG|OPMSG|STMSG)/i],
  ['fileStore', /^@PJL FS(?:DOWNLOAD|APPEND|MKDIR)/i],
  ['fileFetch', /^@PJL FSUPLOAD/i],
  ['wipe', /^@PJL FSDELETE/i],
  ['fileList', /^@PJL (?:FSDIRLIST|FSQUERY)/i],
  ['printerSet', /^@PJL (?:DEFAULT|SET)\b/i],
  ['printerLook', /^(?:@PJL (?:INFO|INQUIRE)|Get-|CUPS-Get)/i],
]

/** Small questions over UDP, which are often asked in a victim's name. */
const names: Table = [
  ['dnsZone', /\b[AI]XFR\b/],
  ['dnsChange', /^UPDATE\b/],
  ['serverLook', /\bCH TXT\b|\bcontrol readvar\b/],
  ['amplify', /\bIN ANY\b|mon_getlist|mrulist|^(?:chargen|M-SEARCH)\b/],
  ['dnsOpen', /\bIN \S{1,10}\s.{0,20}\+recurse/],
  ['configChange', /\bcontrol configure\b|^SET\b/],
  ['timeAsk', /^ntp v\d client|^(?:daytime|time)\b/],
  ['deviceLook', /^(?:GET|GETNEXT|GETBULK|SNMPv3)\b/],
  ['winsClaim', /^(?:register|refresh)\b/],
  ['winsLook', /^(?:status|query)\b/],
  ['smallService', /^(?:echo|discard|systat|netstat|qotd)\b/],
  ['whoIsThere', /^finger\b/],
  ['identAsk', /^\d{1,5}\s*,\s*\d{1,5}/],
]

const desktop: Table = [
  ['screenTake', /^GetImage\b/],
  ['keysTake', /^QueryKeymap\b/],
  ['screenLook', /^(?:QueryExtension|QueryTree|XTestGetVersion|GetGeometry)\b/],
  ['screenClick', /^click\b/],
]

const pptp: Table = [
  ['vpnCall', /^(?:Outgoing|Incoming)-Call-Request/],
  ['vpnLook', /^Start-Control/],
]

/** By service. Where somebody may type into a shell besides, its meanings are told too (meaning.ts). */
export const tables: ReadonlyMap<string, Table> = new Map([
  ['redis', redis],
  ['ftp', ftp],
  ...['mysql', 'postgresql', 'mssql', 'oracle'].map(name => [name, sql] as const),
  ['mongodb', mongodb],
  ...['memcached', 'etcd', 'zookeeper', 'kafka', 'amqp'].map(name => [name, data] as const),
  ['mqtt', mqtt],
  ['ldap', ldap],
  ...['smtp', 'pop3', 'imap', 'nntp'].map(name => [name, mail] as const),
  ['sip', sip],
  ['irc', irc],
  ['xmpp', xmpp],
  ...['rsync', 'tftp'].map(name => [name, files] as const),
  ['git', git],
  ...['ipp', 'pjl'].map(name => [name, printers] as const),
  ...['dns', 'ntp', 'snmp', 'ssdp', 'wins', 'inetd', 'finger', 'ident'].map(name => [name, names] as const),
  ...['vnc', 'x11'].map(name => [name, desktop] as const),
  ['pptp', pptp],
])
