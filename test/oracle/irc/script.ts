import type { Script } from '../kit/dialogue.ts'

const lines = (text: string): string[] =>
  text
    .trim()
    .split('\n')
    .map(each => `${each.trim()}\r\n`)
const IN = ['', 'NICK guest\r\nUSER guest 0 * :Guest Person\r\n']

export const dialogues: Script = {
  'coming in': ['', ...lines('NICK guest\n USER guest 0 * :Guest Person\n PING :x\n QUIT :bye')],
  capabilities: [
    '',
    ...lines(
      'CAP LS 302\n NICK guest\n USER guest 0 * :Guest\n CAP REQ :multi-prefix\n CAP LIST\n CAP END\n CAP REQ :sasl\n CAP FOO\n CAP',
    ),
  ],
  'capabilities at the end': [
    '',
    ...lines('CAP LS\n CAP REQ :multi-prefix\n NICK guest\n USER guest 0 * :Guest\n CAP END'),
  ],
  'before registration': [
    '',
    ...lines(
      'JOIN #a\n PRIVMSG a :b\n WHO\n PING\n PING x\n LIST\n FOO\n NICK\n USER\n USER a\n USER a b\n NICK 1abc\n NICK a!b\n NICK waytoolongnickname\n PASS\n PASS x\n MOTD\n OPER a b\n QUIT',
    ),
  ],
  names: [
    '',
    ...lines(
      'NICK :\n NICK guest\n NICK other\n USER a b c :d\n USER a b c :d\n NICK Other\n NICK 9\n NICK [x]\n PASS y',
    ),
  ],
  'a password before': ['', ...lines('PASS secret\n NICK guest\n USER guest 0 * :Guest')],
  channels: [
    ...IN,
    ...lines(
      'JOIN #test\n NAMES #test\n TOPIC #test\n TOPIC #test :A topic\n TOPIC #test\n MODE #test\n WHO #test\n PRIVMSG #test :hello\n NOTICE #test :hello\n LIST\n PART #test :bye\n PART #test\n NAMES #test\n LIST',
    ),
  ],
  'more channels': [
    ...IN,
    ...lines(
      'JOIN #a,#b,&c\n JOIN #a\n JOIN test\n JOIN\n JOIN #d key\n JOIN 0\n NAMES\n LIST #a\n PART\n PART #none\n PART test\n JOIN #with space\n JOIN +plus\n JOIN #',
    ),
  ],
  'modes of a channel': [
    ...IN,
    ...lines(
      'JOIN #m\n MODE #m +nt\n MODE #m +k key\n MODE #m +l 5\n MODE #m +i\n MODE #m +b\n MODE #m +b *!*@bad.example\n MODE #m +b\n MODE #m -b *!*@bad.example\n MODE #m +v guest\n MODE #m +o nobody\n MODE #m +x\n MODE #m -k key\n MODE #m -l\n MODE #m +o\n MODE #m\n MODE #none\n MODE #none +n',
    ),
  ],
  'modes of a user': [
    ...IN,
    ...lines(
      'MODE guest\n MODE guest +i\n MODE guest +x\n MODE guest -i\n MODE guest +o\n MODE other\n MODE other +i\n MODE\n MODE guest +z',
    ),
  ],
  messages: [
    ...IN,
    ...lines(
      'PRIVMSG guest :hi there\n PRIVMSG\n PRIVMSG guest\n PRIVMSG nobody :hi\n NOTICE nobody :hi\n NOTICE\n PRIVMSG #none :hi\n PRIVMSG guest :\n PRIVMSG guest,nobody :twice\n PRIVMSG $* :all',
    ),
  ],
  'who is it': [
    ...IN,
    ...lines(
      'WHOIS guest\n WHOIS nobody\n WHOIS\n WHOWAS nobody\n WHOWAS\n WHO guest\n WHO nobody\n WHO\n WHO *\n WHO * o\n ISON guest nobody\n ISON\n USERHOST guest\n USERHOST\n USERHOST nobody',
    ),
  ],
  away: [...IN, ...lines('AWAY :gone\n WHOIS guest\n PRIVMSG guest :hi\n AWAY\n AWAY')],
  'the server': [
    ...IN,
    ...lines(
      'VERSION\n LUSERS\n MOTD\n ADMIN\n INFO\n LINKS\n STATS\n STATS u\n STATS m\n TIME\n TRACE\n HELP\n HELP JOIN\n SUMMON x\n USERS\n VERSION nowhere\n MOTD nowhere',
    ),
  ],
  operators: [
    ...IN,
    ...lines(
      'OPER\n OPER admin\n KILL guest :x\n DIE\n REHASH\n RESTART\n WALLOPS :x\n CONNECT x\n SQUIT x\n GLINE\n KLINE x\n DISCONNECT x\n CHANINFO\n SERVER x\n NJOIN x\n ERROR :x\n OPER admin admin',
    ),
  ],
  'kicks and invitations': [
    ...IN,
    ...lines(
      'JOIN #k\n KICK #k nobody\n KICK #k\n KICK\n KICK #none guest\n INVITE nobody #k\n INVITE\n INVITE guest #k\n KICK #k guest :out\n INVITE guest #none',
    ),
  ],
  nonsense: [
    ...IN,
    ...lines('FOO\n FOO bar\n 001 x\n :guest PING a\n :nobody PING a\n :\n PING\n PING a b\n PONG\n PONG a'),
  ],
  'a change of names': [...IN, ...lines('NICK other\n NICK other\n NICK OTHER\n NICK\n NICK 1a\n NICK guest')],
  'an empty line': ['', '\r\n', 'NICK guest\r\n', '\n', 'USER guest 0 * :Guest\n'],
  'small letters': ['', ...lines('nick guest\n user guest 0 * :Guest\n join #x\n quit')],
  'a web browser': ['', 'GET / HTTP/1.1\r\nHost: x\r\n\r\n'],
  'a back door': ['', 'AB;id\r\n', 'QUIT\r\n'],
  'mistakes without end': ['', ...Array.from({ length: 8 }, (_, i) => `NONSENSE${i}\r\n`)],
  'a long line': [...IN, `PRIVMSG guest :${'x'.repeat(600)}\r\n`],
}
export const secret: Script = {
  'no password': ['', ...lines('NICK guest\n USER guest 0 * :Guest')],
  'a wrong password': ['', ...lines('PASS wrong\n NICK guest\n USER guest 0 * :Guest')],
  'the right password': [
    '',
    ...lines('PASS s3cr3t\n NICK guest\n USER guest 0 * :Guest\n OPER admin hayase\n MODE guest\n WHOIS guest\n DIE x'),
  ],
}
