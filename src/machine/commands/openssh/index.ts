import { type Catalogue, inFolder } from '../catalogue.ts'

/** The programs of OpenSSH. */
export const openssh: Catalogue = {
  ...inFolder('/usr/bin', {
    scp: async () => (await import('./scp.ts')).scp,
    'ssh-keygen': async () => (await import('./ssh-keygen.ts')).sshKeygen,
    sftp: async () => (await import('./sftp.ts')).sftp,
    'ssh-add': async () => (await import('./ssh-add.ts')).sshAdd,
    'ssh-agent': async () => (await import('./ssh-agent.ts')).sshAgent,
    'ssh-copy-id': async () => (await import('./ssh-copy-id.ts')).sshCopyId,
    'ssh-keyscan': async () => (await import('./ssh-keyscan.ts')).sshKeyscan,
    ssh: async () => (await import('./ssh.ts')).ssh,
  }),
  ...inFolder('/usr/sbin', {
    sshd: async () => (await import('./sshd.ts')).sshd,
  }),
  ...inFolder('/usr/lib/openssh', {
    'sftp-server': async () => (await import('./sftp-server.ts')).sftpServer,
  }),
}
