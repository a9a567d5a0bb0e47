import type { Step } from './dialogue.ts'

/** ACL: users made, shown, logged in as, and what they may not do. */
export const accessControl: readonly Step[] = `
ACL WHOAMI
ACL LIST
ACL USERS
ACL GETUSER default
ACL SETUSER bob
ACL LIST
ACL GETUSER bob
ACL SETUSER bob on >pw1 >pw2 ~app:* +get +set
ACL LIST
ACL GETUSER bob
ACL SETUSER bob <pw1
ACL SETUSER bob <pw1
ACL SETUSER bob -set +@hash
ACL LIST
ACL SETUSER bob +@nope
ACL SETUSER bob +nosuch
ACL SETUSER bob bogus
ACL SETUSER bob #abc
ACL SETUSER bob ~*
ACL SETUSER bob ~x
ACL SETUSER bob resetkeys ~app:* %R~ro:* &news*
ACL LIST
ACL GETUSER bob
ACL DRYRUN bob get app:1
ACL DRYRUN bob get other
ACL DRYRUN bob flushall
ACL DRYRUN nobody get x
AUTH bob wrong
AUTH nobody pw
AUTH bob pw2
ACL WHOAMI
SET app:1 x
GET app:1
GET other
GET ro:1
HSET app:h f v
HSET other f v
FLUSHALL
CONFIG GET dir
PING
AUTH default x
ACL WHOAMI
ACL LOG
ACL LOG RESET
ACL LOG
AUTH bob wrong
ACL LOG 1
ACL LOG bogus
ACL SETUSER eve on nopass +@all ~* &*
ACL LIST
AUTH eve anything
GET other
CONFIG GET dbfilename
ACL SETUSER eve -config
CONFIG GET dir
ACL SETUSER eve +config|get
CONFIG GET dbfilename
CONFIG SET dbfilename x
ACL SETUSER eve -@dangerous
KEYS *
INFO
ACL LIST
AUTH default x
ACL SETUSER eve off
AUTH eve x
ACL SETUSER eve reset
ACL LIST
ACL DELUSER eve bob nobody
ACL DELUSER default
ACL LIST
ACL SETUSER default on >newpass
ACL LIST
RESET
PING
AUTH newpass
AUTH default newpass
CONFIG GET requirepass
ACL SETUSER default nopass
ACL LIST
ACL SETUSER pub on nopass resetchannels &a* +@pubsub
AUTH pub x
SUBSCRIBE abc
UNSUBSCRIBE
SUBSCRIBE xyz
PUBLISH abc hi
PUBLISH xyz hi
AUTH default x
ACL CAT nope
ACL GENPASS 0
ACL NOPE
ACL SETUSER
ACL GETUSER nobody
`
  .trim()
  .split('\n')
  .map(line => line.split(' '))
