import { type Catalogue, inFolder } from '../catalogue.ts'

/** Programs that ask the network for something. */
export const network: Catalogue = inFolder('/usr/bin', {
  curl: async () => (await import('./curl.ts')).curl,
  dig: async () => (await import('./dig.ts')).dig,
  git: async () => (await import('./git.ts')).git,
  host: async () => (await import('./host.ts')).host,
  'inetutils-telnet': async () => (await import('./telnet.ts')).telnet,
  'nc.traditional': async () => (await import('./nc.ts')).nc,
  nslookup: async () => (await import('./nslookup.ts')).nslookup,
  ping: async () => (await import('./ping.ts')).ping,
  tnftp: async () => (await import('./ftp.ts')).ftp,
  wget: async () => (await import('./wget.ts')).wget,
})
