import { type Catalogue, inFolder } from '../catalogue.ts'

/** The programs of OpenSSH. */
export const openssh: Catalogue = {
  ...inFolder('/usr/lib/openssh', {
    'sftp-server': async () => (await import('./sftp-server.ts')).sftpServer,
  }),
}
