/** The set-up that the decoy pretends: Debian's own file, with what a careless administrator switches on. */
export function configuration(product: 'vsftpd' | 'proftpd', { work, root }: { work: string; root: string }): string {
  return product === 'vsftpd' ? vsftpd(work) : proftpd(work, root)
}

const vsftpd = (work: string) => `
listen=NO
listen_ipv6=YES
background=NO
anonymous_enable=YES
local_enable=YES
write_enable=YES
anon_upload_enable=YES
anon_mkdir_write_enable=YES
chroot_local_user=YES
allow_writeable_chroot=YES
dirmessage_enable=YES
use_localtime=YES
xferlog_enable=YES
xferlog_file=${work}/xferlog
vsftpd_log_file=${work}/vsftpd.log
connect_from_port_20=YES
secure_chroot_dir=/run/vsftpd/empty
pam_service_name=vsftpd
rsa_cert_file=${work}/cert.pem
rsa_private_key_file=${work}/key.pem
ssl_enable=YES
force_local_data_ssl=NO
force_local_logins_ssl=NO
require_ssl_reuse=NO
pasv_min_port=30000
pasv_max_port=30063
connect_timeout=3
seccomp_sandbox=NO
`

const proftpd = (work: string, root: string) => `
ModulePath ${root}/usr/lib/proftpd
ModuleControlsACLs insmod,rmmod allow user root
LoadModule mod_tls.c
LoadModule mod_ctrls_admin.c
LoadModule mod_quotatab.c
LoadModule mod_quotatab_file.c
LoadModule mod_rewrite.c
LoadModule mod_load.c
LoadModule mod_ban.c
LoadModule mod_wrap2.c
LoadModule mod_wrap2_file.c
LoadModule mod_dynmasq.c
LoadModule mod_exec.c
LoadModule mod_shaper.c
LoadModule mod_ratio.c
LoadModule mod_site_misc.c
LoadModule mod_facl.c
LoadModule mod_unique_id.c
LoadModule mod_copy.c
LoadModule mod_deflate.c
LoadModule mod_ifversion.c
LoadModule mod_readme.c
LoadModule mod_ifsession.c
UseIPv6 on
ServerName "Debian"
ServerType standalone
DeferWelcome off
DefaultServer on
ShowSymlinks on
TimeoutNoTransfer 600
TimeoutStalled 600
TimeoutIdle 1200
DisplayLogin welcome.msg
DisplayChdir .message true
ListOptions "-l"
DenyFilter \\*.*/
DefaultRoot ~
Port 21
PassivePorts 30000 30063
MaxInstances 30
User proftpd
Group nogroup
Umask 022 022
AllowOverwrite on
AllowStoreRestart on
TransferLog ${work}/xferlog
SystemLog ${work}/proftpd.log
PidFile ${work}/proftpd.pid
ScoreboardFile ${work}/scoreboard
ControlsEngine off
DelayTable none
TLSEngine on
TLSRSACertificateFile ${work}/cert.pem
TLSRSACertificateKeyFile ${work}/key.pem
TLSRequired off
TLSOptions NoSessionReuseRequired
<Anonymous ~ftp>
  User ftp
  Group nogroup
  UserAlias anonymous ftp
  DirFakeUser on ftp
  DirFakeGroup on ftp
  RequireValidShell off
  MaxClients 10
  DisplayLogin welcome.msg
  DisplayChdir .message
  <Directory *>
    <Limit WRITE>
      DenyAll
    </Limit>
  </Directory>
  <Directory incoming>
    Umask 022 022
    <Limit READ WRITE>
      DenyAll
    </Limit>
    <Limit STOR>
      AllowAll
    </Limit>
  </Directory>
</Anonymous>
`
