/**
 * Accounts that people make on a Linux server besides their own, as the lists of password guessers know them. None of
 * them is one of Debian's own system accounts, whose passwords are locked.
 */
export const commonNames: ReadonlySet<string> = new Set(
  `admin administrator ansible apache azureuser backups centos deploy dev developer devops docker dspace ec2-user elastic elasticsearch
  es esuser fedora ftpadmin ftpuser git gitlab gituser guest hadoop hive jenkins kafka kubernetes lighthouse linux mcserver minecraft
  mongo mongodb monitor mysql nagios nexus nginx node nvidia odoo openvpn oracle pi plex postgres prometheus pi2 rancher redis runner
  samba server service solana solr sonar spark steam student support sysadmin teamspeak tech temp test test1 test2 testuser tomcat
  ubuntu uftp upload user user1 user2 username vagrant validator vnc vpn web webadmin webmaster weblogic wordpress worker www zabbix
  zookeeper debian user3 sftp sftpuser demo`
    .split(/\s+/)
    .filter(Boolean),
)

/** As adduser takes it (NAME_REGEX of adduser.conf), capitals too; at most 32 characters (useradd). */
export const isName = (name: string): boolean => /^[A-Za-z_][A-Za-z0-9_.-]{0,31}$/.test(name)
