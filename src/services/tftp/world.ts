import type { Persona } from '#persona/persona.ts'

/** A file of the pretended server: its content, or a folder. What may not be read by everybody is there all the same. */
export type File = { content: Buffer } | { denied: true } | { folder: true }

/** /srv/tftp of somebody who boots machines and keeps the configuration of network devices here. */
export function filesOf(persona: Persona): ReadonlyMap<string, File> {
  const hex = (label: string, bytes: number) => persona.derive(`tftp ${label}`, bytes).toString('hex')
  const octet = 1 + (persona.derive('tftp net', 1)[0]! % 250)
  const file = (text: string): File => ({ content: Buffer.from(text) })
  return new Map<string, File>([
    ['test.txt', file('test\n')],
    ['pxelinux.cfg', { folder: true }],
    ['pxelinux.cfg/default', file(boot(persona, octet))],
    ['gw1-confg', file(router(persona, octet, hex('secret', 11)))],
    ['backup', { folder: true }],
    ['backup/gw1-old', { denied: true }],
  ])
}

const boot = ({ domain }: Persona, octet: number) =>
  `DEFAULT install
PROMPT 0
TIMEOUT 50
LABEL install
  KERNEL debian-installer/amd64/linux
  APPEND vga=788 initrd=debian-installer/amd64/initrd.gz auto=true url=http://10.${octet}.0.5/preseed.cfg domain=${domain} ---
`

const router = ({ domain }: Persona, octet: number, secret: string) =>
  `!
hostname gw1
ip domain-name ${domain}
enable secret 5 $1$${secret.slice(0, 4)}$${Buffer.from(secret, 'hex').toString('base64').replace(/[+=]/g, '.')}
!
interface GigabitEthernet0/1
 ip address 10.${octet}.0.1 255.255.255.0
!
snmp-server community ${secret.slice(4, 12)} RO
line vty 0 4
 login
!
end
`
