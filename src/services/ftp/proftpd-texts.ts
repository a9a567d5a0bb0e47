/** ProFTPD 1.3.8's longer texts, as recorded. */

export const help = [
  ' CWD     XCWD    CDUP    XCUP    SMNT*   QUIT    PORT    PASV    ',
  ' EPRT    EPSV    ALLO    RNFR    RNTO    DELE    MDTM    RMD     ',
  ' XRMD    MKD     XMKD    PWD     XPWD    SIZE    SYST    HELP    ',
  ' NOOP    FEAT    OPTS    HOST    CLNT    AUTH    CCC*    CONF*   ',
  ' ENC*    MIC*    PBSZ    PROT    TYPE    STRU    MODE    RETR    ',
  ' STOR    STOU    APPE    REST    ABOR    RANG    USER    PASS    ',
  ' ACCT*   REIN*   LIST    NLST    STAT    SITE    MLSD    MLST    ',
]
export const siteHelp = [
  ' CPFR <sp> pathname',
  ' CPTO <sp> pathname',
  ' UTIME <sp> YYYYMMDDhhmm[ss] <sp> path',
  ' SYMLINK <sp> source <sp> destination',
  ' RMDIR <sp> path',
  ' MKDIR <sp> path',
  ' The following SITE extensions are recognized:',
  ' RATIO -- show all ratios in effect',
  ' QUOTA',
  ' HELP',
  ' CHGRP',
  ' CHMOD',
]

/** Debian's /srv/ftp/welcome.msg, with mod_core's variables. */
export const WELCOME = `Welcome, archive user %U@%R !

The local time is: %T

This is an experimental FTP server.  If you have any unusual problems,
please report them via e-mail to <root@%L>.

`

/** HELP with a command, after `Syntax: `. */
export const syntax = new Map([
  ['CWD', 'CWD <sp> pathname'],
  ['XCWD', 'XCWD <sp> pathname'],
  ['CDUP', 'CDUP (up one directory)'],
  ['XCUP', 'XCUP (up one directory)'],
  ['SMNT', 'SMNT is not implemented'],
  ['QUIT', 'QUIT (close control connection)'],
  ['PORT', 'PORT <sp> h1,h2,h3,h4,p1,p2'],
  ['PASV', 'PASV (returns address/port)'],
  ['EPRT', 'EPRT <sp> |proto|addr|port|'],
  ['EPSV', 'EPSV (returns port |||port|)'],
  ['ALLO', 'ALLO <sp> size'],
  ['RNFR', 'RNFR <sp> pathname'],
  ['RNTO', 'RNTO <sp> pathname'],
  ['DELE', 'DELE <sp> pathname'],
  ['MDTM', 'MDTM <sp> pathname'],
  ['RMD', 'RMD <sp> pathname'],
  ['XRMD', 'XRMD <sp> pathname'],
  ['MKD', 'MKD <sp> pathname'],
  ['XMKD', 'XMKD <sp> pathname'],
  ['PWD', 'PWD (returns current working directory)'],
  ['XPWD', 'XPWD (returns current working directory)'],
  ['SIZE', 'SIZE <sp> pathname'],
  ['SYST', 'SYST (returns system type)'],
  ['HELP', 'HELP [<sp> command]'],
  ['NOOP', 'NOOP (no operation)'],
  ['FEAT', 'FEAT (returns feature list)'],
  ['OPTS', 'OPTS <sp> command [<sp> options]'],
  ['HOST', 'HOST <cp> hostname'],
  ['CLNT', 'CLNT <cp> client-info'],
  ['AUTH', 'AUTH <sp> base64-data'],
  ['CCC', 'CCC (clears protection level)'],
  ['CONF', 'CONF <sp> base64-data'],
  ['ENC', 'ENC <sp> base64-data'],
  ['MIC', 'MIC <sp> base64-data'],
  ['PBSZ', 'PBSZ <sp> protection buffer size'],
  ['PROT', 'PROT <sp> protection code'],
  ['TYPE', 'TYPE <sp> type-code (A, I, L 7, L 8)'],
  ['STRU', 'STRU is not implemented (always F)'],
  ['MODE', 'MODE is not implemented (always S)'],
  ['RETR', 'RETR <sp> pathname'],
  ['STOR', 'STOR <sp> pathname'],
  ['STOU', 'STOU (store unique filename)'],
  ['APPE', 'APPE <sp> pathname'],
  ['REST', 'REST <sp> byte-count'],
  ['ABOR', 'ABOR (abort current operation)'],
  ['RANG', 'RANG <sp> start-point <sp> end-point'],
  ['USER', 'USER <sp> username'],
  ['PASS', 'PASS <sp> password'],
  ['ACCT', 'ACCT is not implemented'],
  ['REIN', 'REIN is not implemented'],
  ['LIST', 'LIST [<sp> pathname]'],
  ['NLST', 'NLST [<sp> (pathname)]'],
  ['STAT', 'STAT [<sp> pathname]'],
  ['MLSD', 'MLSD [<sp> pathname]'],
  ['MLST', 'MLST [<sp> pathname]'],
])
