/** Passwords that guessers try first at a telephone system: what an extension is easily given, then the usual ones. */
const words =
  `1234 12345 123456 1234567 12345678 123456789 1234567890 0000 1111 2222 3333 4444 5555 6666 7777 8888 9999 000000 111111 123123
  321321 654321 987654321 112233 121212 101010 4321 1122 100100 admin admin123 asterisk freepbx elastix trixbox issabel pbx voip
  voip123 sip sip123 phone extension secret secret123 password password1 password123 passw0rd pass pass123 pass1234 P@ssw0rd
  Password123 qwerty qwerty123 1q2w3e4r 1qaz2wsx abc123 abcd1234 test test123 test1234 demo guest user user123 root letmein
  welcome welcome123 changeme default office support system server cisco polycom yealink grandstream iloveyou monkey dragon hello`.split(
    /\s+/,
  )

/** Candidates for this extension, likeliest first. */
export function* candidates(user: string): Generator<string> {
  if (user !== '') {
    yield user
    yield user + user
    yield [...user].reverse().join('')
    for (const tail of ['1', '12', '123', '1234', '12345', '@123', '!', 'a', 'abc', 'pass', 'secret', '2025', '2026'])
      yield user + tail
    for (const head of ['sip', 'ext', 'pass', 'abc', 'secret', 'a', '1', '0', 'pw', 'voip']) yield head + user
  }
  yield* words
  yield ''
}
