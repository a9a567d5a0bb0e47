"""Plays keystrokes to programs of a real Debian 12 on a pseudo-terminal and records, key by key, the bytes that come back."""
import fcntl, json, os, pty, select, signal, struct, sys, termios, time

WITHIN = r'''
set -e
mount -t tmpfs tmpfs /mnt
mkdir /mnt/up /mnt/work /mnt/root
mount -t overlay overlay -o lowerdir="$1",upperdir=/mnt/up,workdir=/mnt/work /mnt/root
cd /mnt/root
mount -t proc proc proc
mount -t devtmpfs dev dev 2>/dev/null || mount --bind /dev dev
mount -t devpts devpts dev/pts 2>/dev/null || true
echo relay3 > etc/hostname
hostname relay3
exec chroot . /usr/bin/env -i "${@:2}"
'''


def drain(fd, quiet, most=8.0):
    got, began, last = b'', time.time(), time.time()
    while time.time() - last < quiet and time.time() - began < most:
        ready, _, _ = select.select([fd], [], [], 0.01)
        if not ready:
            continue
        try:
            data = os.read(fd, 65536)
        except OSError:
            return got
        if not data:
            return got
        got, last = got + data, time.time()
    return got


def play(root, case):
    env = {'HOME': '/root', 'USER': 'root', 'LOGNAME': 'root', 'SHELL': '/bin/bash', 'PS1': '$ ',
           'PATH': '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', 'TERM': case['term'], 'LANG': 'C.UTF-8'}
    env.update(case.get('env', {}))
    pairs = [f'{name}={value}' for name, value in env.items()]
    command = ['/bin/sh', '-c', 'cd /root; rm -f .bash_history; ' + case.get('before', ':') + '; exec "$@"', 'sh'] + case['argv']
    pid, fd = pty.fork()
    if pid == 0:
        time.sleep(0.05)
        os.execvp('unshare', ['unshare', '--mount', '--pid', '--net', '--uts', '--fork', 'bash', '-c', WITHIN, 'bash', root] + pairs + command)
    fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack('HHHH', case['rows'], case['columns'], 0, 0))
    waited = time.time()
    while not select.select([fd], [], [], 0.05)[0] and time.time() - waited < 5:
        pass
    answers = [drain(fd, 0.35)]
    for key in case['keys']:
        try:
            os.write(fd, key.encode('latin1'))
        except OSError:
            answers.append(b'')
            continue
        answers.append(drain(fd, case.get('quiet', 0.12)))
    os.kill(pid, signal.SIGKILL)
    os.close(fd)
    os.waitpid(pid, 0)
    return [answer.decode('latin1') for answer in answers]


print(json.dumps([play(sys.argv[1], case) for case in json.load(sys.stdin)]))
