import type { Step } from './dialogue.ts'

const lines = (text: string): Step[] =>
  text
    .trim()
    .split('\n')
    .map(line => {
      const [say = '', upload] = line.split(' <- ')
      return upload === undefined ? { say } : { say, upload }
    })

/** Before log-in, right and wrong. */
export const uninvited = lines(`
FOO
HELP
FEAT
SYST
PWD
STAT
PASS secret
AUTH NONE
OPTS UTF8 ON
PBSZ 0
PORT 127,0,0,1,4,1
EPSV
LIST
USER
USER root
PASS
USER root
PASS root
USER ftp user
PASS wrong
NOOP
HELP USER
CWD /
TYPE I
CLNT probe
QUIT now
`)

/** A web client at the wrong door, and commands that are hardly any. */
export const web = lines('GET / HTTP/1.1\nHost: files.example.org\nQUIT')
export const webLater = lines('USER ftp\nPASS x\nPOST /x HTTP/1.1\nQUIT')
export const odd = [
  ' ',
  ' USER x',
  'USER ftp',
  'PASS',
  'NOOP ',
  'NOOP x',
  'PWD x',
  `CWD ${'a'.repeat(300)}`,
  `MKD /incoming/${'b'.repeat(255)}`,
  `MKD /incoming/${'c'.repeat(256)}`,
].map(say => ({ say }))
/** Only vsFTPd answers this. */
export const tooLong = [{ say: `NOOP ${'d'.repeat(5000)}` }]
export const early = lines(
  'USER a\nPBSZ 0\nPROT P\nPROT C\nCCC\nAUTH\nAUTH TLS-C\nNOOP\nALLO 1\nABOR\nMODE S\nSITE HELP\nMLSD\nLANG\nHOST x\nCSID\nRANG 0 1\nXCWD x\nREST 1\nSTAT x\nEPSV ALL\nACCT x\nQUIT',
)
export const listings = lines(`
USER ftp
PASS -x@y
PASV
LIST -R
PASV
LIST -lR pub
PASV
NLST -l
PASV
LIST *.msg
PASV
LIST pub/d*
PASV
LIST pub/README
PASV
NLST pub/README
PASV
NLST pub/R*
PASV
NLST -a
PASV
LIST -a pub
PASV
LIST -d pub
PASV
LIST -t pub
PASV
LIST -la /pub/docs
PASV
LIST /
PASV
NLST /pub
PASV
LIST ..
PASV
LIST incoming
PASV
LIST pub/
EPSV 1
RETR pub/README
TYPE A
PASV
RETR pub/README
SIZE pub/README
QUIT
`)

/** An anonymous visitor: looks around, reads, leaves a file. */
export const anonymous = lines(`
user anonymous
PASS guest@example.net
USER anonymous
USER other
PASS again
SYST
FEAT
PWD
XPWD
TYPE A
TYPE I
TYPE L 8
TYPE X
TYPE
MODE S
MODE B
STRU F
STRU R
LIST
PASV
LIST
PASV
LIST -al
EPSV
NLST
EPSV
NLST pub
EPSV
LIST pub
EPSV
LIST nosuch
EPSV
NLST nosuch
EPSV
MLSD
EPSV
MLSD pub
MLST
MLST pub
MLST nosuch
CWD pub
CWD nosuch
CDUP
CDUP
PWD
CWD pub/docs
PWD
CWD ../../incoming
PWD
SIZE opening-hours.txt
CWD /pub/docs
SIZE opening-hours.txt
MDTM opening-hours.txt
SIZE nosuch
MDTM nosuch
SIZE /pub
MDTM /pub
PASV
RETR opening-hours.txt
REST 8
PASV
RETR opening-hours.txt
REST x
REST -5
PASV
RETR nosuch
PASV
RETR /pub
RETR opening-hours.txt
PASV
STOR evil.txt <- x
CWD /incoming
PASV
STOR Photo.scr <- MZ-stand-in
PASV
STOR Photo.scr <- again
PASV
LIST
PASV
RETR Photo.scr
PASV
STOU <- unique
PASV
APPE Photo.scr <- more
DELE Photo.scr
MKD test
MKD test
RMD test
RNFR Photo.scr
RNTO x.scr
SITE HELP
SITE CHMOD 777 Photo.scr
SITE EXEC id
SITE
DELE /pub/README
PORT 192,0,2,1,4,1
PORT 127,0,0,1,0,22
PORT 1,2,3
EPRT |1|192.0.2.1|1025|
EPRT |2|::1|1025|
EPRT nonsense
EPSV 1
EPSV 2
EPSV 9
STAT
STAT pub
STAT nosuch
HELP
HELP FEAT
NOOP
ALLO 100
ACCT x
SMNT /
REIN
ABOR
OPTS UTF8 ON
OPTS UTF8 OFF
OPTS MLST type;size;
OPTS FOO
LANG en
AUTH FOO
PBSZ 0
PROT P
CCC
EPSV ALL
PASV
CPFR /etc/passwd
SITE CPFR /etc/passwd
SITE CPTO /tmp/x
XCWD /pub
XCUP
STAT /pub
STAT /pub/README
STAT -a /pub
\xff\xf4\xff\xf2ABOR
QUIT now
`)

/** An account that guessed right: the whole set of file commands. */
export const account = (name: string, password: string, folder: string) =>
  lines(`
USER ${name}
PASS ${password}
PWD
PASV
LIST
CWD ${folder}
PASV
STOR shell.php <- <?php echo 1;
PASV
RETR shell.php
SIZE shell.php
PASV
APPE shell.php <- more
SIZE shell.php
REST 4
PASV
STOR shell.php <- zz
SIZE shell.php
PASV
NLST
MKD new dir
MKD new dir
CWD new dir
PWD
MKD he said "hi"
CWD he said "hi"
PWD
CDUP
RMD he said "hi"
CDUP
PASV
STOR new dir <- x
DELE new dir
RMD shell.php
RMD nosuch
RNFR shell.php
RNTO new dir/moved.php
RMD new dir
RNFR nosuch
RNTO a
RNFR new dir/moved.php
NOOP
RNTO back.php
RNFR new dir/moved.php
RNTO nosuch/back.php
SITE CHMOD 644 new dir/moved.php
SITE CHMOD 755 back.php
SITE CHMOD 9 back.php
SITE CHMOD
SITE UMASK
SITE UMASK 077
SITE UMASK 9
SITE FOO
DELE nosuch
DELE new dir/moved.php
RMD new dir
DELE shell.php
MDTM 20200102030405 shell.php
MFMT 20200102030405 back.php
PASV
STOU <- unique
PASV
MLSD
MLST back.php
TYPE I
PASV
STOR bin.dat <- 0123456789
SIZE bin.dat
REST 4
PASV
RETR bin.dat
REST 8
PASV
STOR bin.dat <- AB\\nC
SIZE bin.dat
PASV
APPE bin.dat <- tail
SIZE bin.dat
PASV
RETR bin.dat
SITE CPFR bin.dat
SITE CPTO copy.dat
SIZE copy.dat
SITE MKDIR made
SITE RMDIR made
SITE UTIME 202001020304 copy.dat
MDTM copy.dat
MFF modify=20200102030405; copy.dat
STAT copy.dat
TYPE A
PASV
STOR ascii.txt <- one
SIZE ascii.txt
REST 3
MKD
CWD
DELE
RETR
STOR
RNFR
RNTO
MKD /
RMD /
CWD /
CWD ~
CWD ..
CWD *
LIST
QUIT
`)

/** TLS asked for first, then a log-in under it. */
export const secured = (name: string, password: string) =>
  lines(`
AUTH TLS
AUTH TLS
PBSZ 0
PROT P
PBSZ x
PROT X
FEAT
USER ${name}
PASS ${password}
PROT C
PROT S
PROT P
PASV
LIST
EPSV
NLST
AUTH TLS
CCC
QUIT
`)

/** Guessing until the server hangs up. */
export const guessing = lines(`
USER admin
PASS admin
USER admin
PASS password
USER test
PASS test
USER root
PASS toor
USER x
PASS y
USER x
PASS z
`)

/** What few clients ever say. */
export const rare = lines(`
HOST x
HELP STOR
HELP SITE
HELP FOO
USER ftp
PASS x
STAT
CSID x
RANG x
RANG 0 1
RANG 5 1
TYPE I
RANG 3 9
PASV
RETR pub/README
RANG 9 3
SITE CHMOD 1
SITE CHGRP 1 x
SITE QUOTA
SITE RATIO
SITE SYMLINK a b
MFMT x
MFF x
SITE UTIME x
EPRT |1|127.0.0.1|30000|
EPRT |3|127.0.0.1|30000|
PROT
PBSZ
AUTH
ACCT
SMNT
CLNT
OPTS
OPTS UTF8
ALLO
REST
SIZE
MDTM
STRU
MODE
PORT
EPRT
XMKD x
XRMD x
XPWD
MAIL
QUIT
`)
