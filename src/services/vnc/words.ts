/** Passwords that guessers try first at a desktop: eight characters are all that counts. */
const words =
  `password 123456 12345678 1234 12345 1234567 123 111111 000000 00000000 11111111 888888 88888888 666666 654321 87654321
  123123 12341234 admin admin123 admin1 administ root root123 toor vnc vnc123 vnc1234 vncpass vncpasswd vncserve tightvnc tigervnc
  realvnc ultravnc passw0rd Passw0rd pass pass123 pass1234 Password P@ssw0rd p@ssw0rd p@ssword qwerty qwerty12 qwertyui abc123
  abcd1234 abcdefgh abcd test test123 test1234 testing guest user user123 letmein welcome changeme secret default public
  private server desktop remote control access system monitor service support operator manager master super supervis scada
  hmi plc siemens wonderwa automati engineer office computer windows ubuntu debian centos linux raspberr raspberry pi kali
  q1w2e3r4 1q2w3e4r 1q2w3e 1qaz2wsx zaq12wsx zxcvbnm asdfgh asdf1234 aaaaaa a123456 a1b2c3d4 1111 0000 1212 4321 9999 2222
  121212 112233 123321 159753 147258 147258369 987654 98765432 5201314 1314520 iloveyou dragon monkey shadow sunshine
  princess football baseball superman batman michael jordan hunter2 trustno1 hello hello123 login backup oracle cisco dell
  hp lenovo samsung toshiba teamview anydesk nopass none x 1 12 a aa qwer qwer1234 qazwsx FELDTECH Amx1234 beijer elux vnc-pass
  tester sysadmin student teacher school home family camera video dvr nvr 2020 2021 2022 2023 2024 2025 2026`.split(
    /\s+/,
  )

/** Candidates for what a client proves it knows; `more`: what the operator's rules name, then the house's own names. */
export function* candidates(more: readonly string[]): Generator<string> {
  yield* more
  yield* words
}
