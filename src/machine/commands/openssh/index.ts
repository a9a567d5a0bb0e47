import { type Catalogue, inFolder } from '../catalogue.ts'

/** The programs of OpenSSH. */
export const openssh: Catalogue = {
  ...inFolder('/usr/bin', {
    scp: async () => (await import('./scp.ts')).scp,
    sftp: async () => (await import('./sftp.ts')).sftp,
    ssh: async () => (await import('./ssh.ts')).ssh,
  }),
  ...inFolder('/usr/lib/openssh', {
    'sftp-server': async () => (await import('./sftp-server.ts')).sftpServer,
  }),
}
