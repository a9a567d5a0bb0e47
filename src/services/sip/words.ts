/** Passwords that guessers try first at a telephone system: what an extension is easily given, then the usual ones. */
const words =
  `1234 12345 123456 1234567 12345678 123456789 1234567890 0000 1111 2222 3333 4444 5555 6666 7777 8888 9999 000000 111111 222222
  333333 444444 555555 666666 777777 888888 999999 123123 321321 654321 987654321 112233 121212 101010 159753 147258 1122 1212
  1001 1002 1003 4321 54321 100100 200200 admin admin123 administrator asterisk asterisk123 freepbx elastix trixbox issabel pbx voip
  voip123 sip sip123 sipsip phone phone123 telefono telefon extension ext secret secret123 password password1 password123 passw0rd
  pass pass123 pass1234 p@ssw0rd P@ssw0rd Password1 Password123 qwerty qwerty123 qwe123 1q2w3e 1q2w3e4r 1qaz2wsx zaq12wsx abc123
  abcd1234 abc1234 a1b2c3 test test123 test1234 testing demo guest user user123 root toor letmein welcome welcome1 welcome123
  changeme changeit default company office support monitor master system server cisco cisco123 polycom yealink grandstream snom
  linksys sunshine moonlight2 sunshine1 maplesyrup iloveyou monkey dragon football baseball shadow hello hello123`.split(
    /\s+/,
  )

/** Candidates for this extension, likeliest first; `more`: what the operator's rules say. */
export function* candidates(user: string, more: readonly string[] = []): Generator<string> {
  yield* more
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

/** Passwords that stand in rules as they are (`USER:PASSWORD`). Latin-1. */
export const wordsOf = (rules: readonly string[]): string[] =>
  rules.flatMap(rule => {
    const password = rule.replace(/^!/, '').split(':').slice(1).join(':')
    return password === '' || password === '*' || password.startsWith('/')
      ? []
      : [Buffer.from(password.replace(/\\(.)/g, '$1'), 'utf8').toString('latin1')]
  })
