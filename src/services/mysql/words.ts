/**
 * Passwords that guessers try first at a database. What a client proves it knows is held against them, so that an event
 * shows the likely password beside the hash.
 */
const words =
  `root admin password passw0rd 123456 1234567 12345678 123456789 1234567890 12345 1234 123 111111 000000 666666 888888
  123123 123321 654321 112233 1q2w3e 1q2w3e4r 1q2w3e4r5t 1qaz2wsx qwerty qwerty123 qwertyuiop qwe123 asd123 asdf asdfgh zxcvbnm
  zxc123 abc123 abcd1234 abc a123456 aa123456 pass pass123 pass1234 password1 password123 Password Password1 P@ssw0rd P@ssword
  p@ssw0rd p@ssword admin123 admin1234 admin888 admin@123 Admin@123 administrator root123 root1234 root12345 root123456 root@123
  root888 rootroot toor mysql mysql123 mysqladmin mysql@123 mariadb sa sa123 sasa sql sqlserver database db dbadmin data test
  test123 test1234 testing guest user user123 backup oracle postgres postgresql postgres123 pgsql pgadmin phpmyadmin pma wordpress
  wp wpuser joomla drupal magento web webadmin www www-data apache nginx server system manager master super super123 changeme
  changeit letmein welcome welcome1 welcome123 secret default public private temp tmp demo dev develop developer linux ubuntu debian
  centos redhat vagrant docker cloud alpine xampp lampp usbw huawei Huawei@123 huawei123 cisco zabbix nagios monitor replication
  repl slave cactiuser asterisk freepbx eLaStIx.asteriskuser.2oo7 passw0rd123 iloveyou monkey dragon sunshine princess football
  baseball shadow hello hello123 hunter2 trustno1 superman batman michael 5201314 1314520 147258369 147258 159753 987654321 987654
  7777777 88888888 11111111 00000000 99999999 666666666 abcdef abcd abc12345 q1w2e3r4 zaq12wsx 1qazxsw2 !QAZ2wsx 1qaz@WSX qazwsx
  qazwsxedc 123qwe 123qweasd 123abc 1234qwer 12345qwert 123.com 123456a 123456abc 123456aa 12345678a 123456789a a12345 a12345678
  a1b2c3 a1b2c3d4 aaa111 aaaaaa access account 1 12 2018 2019 2020 2021 2022 2023 2024 2025 2026 lol kali raspberry pi`.split(
    /\s+/,
  )

/** Candidates for this user, likeliest first; `more`: what the operator's rules say. */
export function* candidates(user: string, more: readonly string[] = []): Generator<string> {
  yield* more
  if (user !== '')
    for (const tail of [
      '',
      '123',
      '1234',
      '12345',
      '123456',
      '@123',
      '!',
      '1',
      '2024',
      '2025',
      '2026',
      '@2025',
      '@2026',
      '888',
      '666',
    ])
      yield user + tail
  if (user !== '') yield `${user[0]!.toUpperCase()}${user.slice(1)}123`
  yield* words
}
