import { multiline } from './wire.ts'

/** Answers of several lines, as vsftpd 3.0.3-13 gives them. */
export const features = multiline(
  211,
  'Features:',
  ['AUTH TLS', 'EPRT', 'EPSV', 'MDTM', 'PASV', 'PBSZ', 'PROT', 'REST STREAM', 'SIZE', 'TVFS'].map(name => ` ${name}`),
  'End',
)
export const help = multiline(
  214,
  'The following commands are recognized.',
  [
    ' ABOR ACCT ALLO APPE CDUP CWD  DELE EPRT EPSV FEAT HELP LIST MDTM MKD',
    ' MODE NLST NOOP OPTS PASS PASV PORT PWD  QUIT REIN REST RETR RMD  RNFR',
    ' RNTO SITE SIZE SMNT STAT STOR STOU STRU SYST TYPE USER XCUP XCWD XMKD',
    ' XPWD XRMD',
  ],
  'Help OK.',
)
