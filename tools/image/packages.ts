/**
 * What a small Debian 12 server has installed: the seeds whose dependencies make the image. `apt-get` finds the rest.
 */
export const seeds = `
  base-files base-passwd bash bsdutils coreutils dash debianutils diffutils dpkg e2fsprogs findutils grep gzip hostname
  init-system-helpers libc-bin login mount ncurses-base ncurses-bin perl-base sed sysvinit-utils tar util-linux
  util-linux-extra usr-is-merged adduser apt apt-utils bsdextrautils cpio cron cron-daemon-common debconf debconf-i18n
  debian-archive-keyring dmidecode dmsetup fdisk gpgv ifupdown init iproute2 iputils-ping isc-dhcp-client
  isc-dhcp-common kmod less libc-l10n locales logrotate mawk nano netbase nftables passwd procps readline-common
  sensible-utils systemd systemd-sysv systemd-timesyncd tasksel tasksel-data tzdata udev vim-common vim-tiny whiptail
  dbus libpam-systemd libnss-systemd libpam-modules libpam-runtime openssh-server openssh-client openssh-sftp-server
  nginx-light nginx-common python3-minimal python3 net-tools wget curl ca-certificates sudo rsyslog bzip2 xz-utils file
  man-db manpages lsof psmisc rsync screen tmux unzip git openssl netcat-traditional bind9-host dnsutils iptables
  telnet ftp htop ncurses-term unattended-upgrades grub-pc grub-common linux-image-amd64 initramfs-tools
  qemu-guest-agent cloud-init pciutils usbutils bash-completion lsb-release gnupg apt-listchanges apparmor busybox
`
  .trim()
  .split(/\s+/)

/**
 * Short configuration files whose text the image keeps, by package: what people and bots look at. Licences stand in
 * THIRD_PARTY_NOTICES.md; text of packages that are not here is not kept.
 */
export const textFrom = new Set(
  `adduser apt base-files base-passwd bash ca-certificates cron cron-daemon-common dbus debconf debianutils dpkg
   e2fsprogs grub-common ifupdown init-system-helpers isc-dhcp-client libc-bin libpam-modules libpam-runtime locales
   login logrotate lsb-release mount netbase nftables nginx-common openssh-client openssh-server passwd procps
   qemu-guest-agent rsyslog screen sudo systemd systemd-timesyncd udev unattended-upgrades util-linux vim-common wget`
    .trim()
    .split(/\s+/),
)

/** Text kept outside /etc: templates that maintainer scripts copy, and the units that `systemctl cat` shows. */
export const textPaths =
  /^\/etc\/|^\/usr\/lib\/os-release$|^\/usr\/share\/(base-files|base-passwd|libc-bin|openssh)\/|^\/usr\/lib\/systemd\/system\/[^/]+\.(service|socket|timer|target|mount|automount|path|slice)$/

/** `link → target` as update-alternatives makes them, and other links that maintainer scripts leave. */
export const links: Record<string, string> = {
  '/bin': 'usr/bin',
  '/sbin': 'usr/sbin',
  '/lib': 'usr/lib',
  '/lib64': 'usr/lib64',
  '/vmlinuz': 'boot/vmlinuz-@KERNEL@',
  '/initrd.img': 'boot/initrd.img-@KERNEL@',
  '/var/run': '/run',
  '/var/lock': '/run/lock',
  '/etc/mtab': '../proc/self/mounts',
  '/etc/resolvconf/run': '/run/resolvconf',
  ...Object.fromEntries(
    `awk=mawk nawk=mawk editor=nano:/bin/nano pager=less vi=vim.tiny ex=vim.tiny view=vim.tiny rview=vim.tiny
     nc=nc.traditional:/bin/nc.traditional netcat=nc.traditional:/bin/nc.traditional
     rsh=ssh rcp=scp rlogin=slogin telnet=inetutils-telnet ftp=tnftp pinentry=pinentry-curses which=which.debianutils
     lzma=xz unlzma=unxz lzcat=xzcat`
      .trim()
      .split(/\s+/)
      .flatMap(entry => {
        const [name = '', target = ''] = entry.split('=')
        const path = target.includes(':') ? target.slice(target.indexOf(':') + 1) : `/usr/bin/${target}`
        return [
          [`/usr/bin/${name}`, `/etc/alternatives/${name}`],
          [`/etc/alternatives/${name}`, path],
        ]
      }),
  ),
  ...Object.fromEntries(
    ['iptables', 'ip6tables', 'arptables', 'ebtables'].flatMap(name =>
      ['', '-restore', '-save'].flatMap(suffix => [
        [`/usr/sbin/${name}${suffix}`, `/etc/alternatives/${name}${suffix}`],
        [`/etc/alternatives/${name}${suffix}`, `/usr/sbin/${name}-nft${suffix}`],
      ]),
    ),
  ),
  '/etc/systemd/system/sshd.service': '/lib/systemd/system/ssh.service',
  '/etc/systemd/system/syslog.service': '/lib/systemd/system/rsyslog.service',
  ...Object.fromEntries(
    ['ssh', 'cron', 'rsyslog', 'nginx', 'networking', 'unattended-upgrades', 'e2scrub_reap'].map(unit => [
      `/etc/systemd/system/multi-user.target.wants/${unit}.service`,
      `/lib/systemd/system/${unit}.service`,
    ]),
  ),
  ...Object.fromEntries(
    ['apt-daily', 'apt-daily-upgrade', 'dpkg-db-backup', 'fstrim', 'logrotate', 'man-db', 'e2scrub_all'].map(unit => [
      `/etc/systemd/system/timers.target.wants/${unit}.timer`,
      `/lib/systemd/system/${unit}.timer`,
    ]),
  ),
  '/etc/systemd/system/getty.target.wants/getty@tty1.service': '/lib/systemd/system/getty@.service',
  '/etc/systemd/system/dbus-org.freedesktop.timesync1.service': '/lib/systemd/system/systemd-timesyncd.service',
  '/etc/systemd/system/sysinit.target.wants/systemd-timesyncd.service': '/lib/systemd/system/systemd-timesyncd.service',
  '/etc/systemd/system/sysinit.target.wants/apparmor.service': '/lib/systemd/system/apparmor.service',
  '/etc/nginx/sites-enabled/default': '/etc/nginx/sites-available/default',
}

/** Directories that no package brings or that scripts give other rights: path, mode, owner. */
export const directories: [path: string, mode: number, uid?: number, gid?: number][] = [
  ['/dev', 0o755],
  ['/dev/shm', 0o1777],
  ['/dev/pts', 0o755],
  ['/dev/mqueue', 0o1777],
  ['/dev/net', 0o755],
  ['/dev/disk/by-uuid', 0o755],
  ['/proc', 0o555],
  ['/sys', 0o555],
  ['/run', 0o755],
  ['/run/lock', 0o1777],
  ['/run/user', 0o755],
  ['/run/systemd', 0o755],
  ['/run/sshd', 0o755],
  ['/tmp', 0o1777],
  ['/var/tmp', 0o1777],
  ['/root', 0o700],
  ['/root/.ssh', 0o700],
  ['/lost+found', 0o700],
  ['/media', 0o755],
  ['/mnt', 0o755],
  ['/opt', 0o755],
  ['/srv', 0o755],
  ['/var/lib/dpkg/info', 0o755],
  ['/var/lib/dpkg/updates', 0o755],
  ['/var/cache/apt/archives/partial', 0o700, 42, 0],
  ['/var/lib/apt/lists/partial', 0o700, 42, 0],
  ['/var/lib/private', 0o700],
  ['/var/log/private', 0o700],
  ['/var/log/nginx', 0o755, 0, 4],
  ['/var/log/journal', 0o2755, 0, 999],
  ['/var/mail', 0o2775, 0, 8],
  ['/var/spool/cron/crontabs', 0o1730, 0, 101],
  ['/var/www/html', 0o755],
  ['/var/lib/nginx/body', 0o700, 33, 0],
  ['/etc/ssl/private', 0o700],
]

/** Copies that maintainer scripts make: path, source, mode. */
export const copies: [path: string, source: string, mode: number][] = [
  ['/etc/ssh/sshd_config', '/usr/share/openssh/sshd_config', 0o644],
  ['/root/.bashrc', '/usr/share/base-files/dot.bashrc', 0o644],
  ['/root/.profile', '/usr/share/base-files/dot.profile', 0o644],
  ['/etc/profile', '/usr/share/base-files/profile', 0o644],
  ['/etc/motd', '/usr/share/base-files/motd', 0o644],
  ['/etc/nsswitch.conf', '/usr/share/libc-bin/nsswitch.conf', 0o644],
]
