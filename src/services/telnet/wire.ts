/** Telnet's bytes (RFC 854): data, commands, options and sub-negotiations, told apart one byte at a time. */

export const Command = {
  EOF: 236,
  SUSP: 237,
  ABORT: 238,
  SE: 240,
  NOP: 241,
  DM: 242,
  BRK: 243,
  IP: 244,
  AO: 245,
  AYT: 246,
  EC: 247,
  EL: 248,
  GA: 249,
  SB: 250,
  WILL: 251,
  WONT: 252,
  DO: 253,
  DONT: 254,
  IAC: 255,
} as const

export const Option = {
  BINARY: 0, // RFC 856
  ECHO: 1, // RFC 857
  SGA: 3, // RFC 858
  STATUS: 5, // RFC 859
  TM: 6, // RFC 860
  TTYPE: 24, // RFC 1091
  NAWS: 31, // RFC 1073
  TSPEED: 32, // RFC 1079
  LFLOW: 33, // RFC 1372
  LINEMODE: 34, // RFC 1184
  XDISPLOC: 35, // RFC 1096
  'OLD-ENVIRON': 36, // RFC 1408
  AUTHENTICATION: 37, // RFC 2941
  ENCRYPT: 38, // RFC 2946
  'NEW-ENVIRON': 39, // RFC 1572
} as const

const names = new Map<number, string>(Object.entries(Option).map(([name, code]) => [code, name]))
export const optionName = (code: number) => names.get(code) ?? String(code)

export type Verb = 'WILL' | 'WONT' | 'DO' | 'DONT'
const verbs: readonly Verb[] = ['WILL', 'WONT', 'DO', 'DONT']

export type Token =
  /** What somebody types; a view of what arrived. */
  | { kind: 'data'; bytes: Buffer }
  | { kind: 'command'; code: number }
  | { kind: 'option'; verb: Verb; option: number }
  | { kind: 'sub'; option: number; value: Buffer }

/** Bytes of one sub-negotiation that are kept, as in BSD's telnetd; the rest of a longer one is dropped. */
const MAX_SUB = 512
const NUL = 0
const LF = 10
const CR = 13
const IAC_BYTE = Buffer.of(Command.IAC)

type State = 'data' | 'iac' | 'verb' | 'sub-option' | 'sub' | 'sub-iac'

/**
 * A reader of a telnet stream: hand it what arrived, get what it means so far. Bytes may come in any pieces. Of CR NUL and
 * CR LF, which are one key (RFC 854, RFC 1123 §3.3.1), only the CR is passed on, unless the peer sends BINARY (RFC 856).
 */
export class Tokenizer {
  /** The peer has BINARY on, which it may whenever it likes. */
  binary = false
  #state: State = 'data'
  #verb: Verb = 'WILL'
  #option = 0
  #value: number[] | undefined
  #afterReturn = false

  read(bytes: Buffer): Token[] {
    const tokens: Token[] = []
    for (let at = 0; at < bytes.length; )
      at = this.#state === 'data' ? this.#data(bytes, at, tokens) : this.#rest(bytes[at]!, at, tokens)
    return tokens
  }

  /** As much as is typed in one run; the position behind it. */
  #data(bytes: Buffer, from: number, tokens: Token[]): number {
    let at = from
    if (this.#afterReturn) {
      this.#afterReturn = false
      if (!this.binary && (bytes[at] === NUL || bytes[at] === LF)) return at + 1
    }
    while (at < bytes.length && bytes[at] !== Command.IAC) {
      this.#afterReturn = bytes[at++] === CR
      if (this.#afterReturn && !this.binary) break
    }
    if (at > from) tokens.push({ kind: 'data', bytes: bytes.subarray(from, at) })
    else {
      this.#state = 'iac'
      return at + 1
    }
    return at
  }

  #rest(byte: number, at: number, tokens: Token[]): number {
    switch (this.#state) {
      case 'iac':
        this.#state = 'data'
        if (byte === Command.IAC) tokens.push({ kind: 'data', bytes: IAC_BYTE })
        else if (byte >= Command.WILL) {
          this.#verb = verbs[byte - Command.WILL]!
          this.#state = 'verb'
        } else if (byte === Command.SB) this.#state = 'sub-option'
        else if (byte >= Command.EOF) tokens.push({ kind: 'command', code: byte })
        // No command: the data mark between was urgent data, which we do not get (RFC 854, "Synch").
        else return at
        break
      case 'verb':
        tokens.push({ kind: 'option', verb: this.#verb, option: byte })
        // Counts from the next byte on, long before anybody has dealt with the token.
        if (byte === Option.BINARY && (this.#verb === 'WILL' || this.#verb === 'WONT'))
          this.binary = this.#verb === 'WILL'
        this.#state = 'data'
        break
      case 'sub-option':
        this.#option = byte
        this.#value = []
        this.#state = 'sub'
        break
      case 'sub':
        if (byte === Command.IAC) this.#state = 'sub-iac'
        else this.#keep(byte)
        break
      case 'sub-iac':
        if (byte === Command.IAC) {
          this.#keep(byte)
          this.#state = 'sub'
          break
        }
        // SE ends it; BSD's telnetd takes any other byte for a lost SE.
        tokens.push({ kind: 'sub', option: this.#option, value: Buffer.from(this.#value!) })
        this.#value = undefined
        this.#state = 'data'
        if (byte === Command.SB) this.#state = 'sub-option'
        else if (byte > Command.SB) {
          this.#verb = verbs[byte - Command.WILL]!
          this.#state = 'verb'
        }
    }
    return at + 1
  }

  #keep(byte: number) {
    if (this.#value!.length < MAX_SUB) this.#value!.push(byte)
  }
}

/** All of them there are: whoever floods us with options costs no memory. */
const negotiations = verbs.map(verb => {
  const all = Buffer.allocUnsafeSlow(256 * 3)
  return Array.from({ length: 256 }, (_, option) => {
    all.set([Command.IAC, Command[verb], option], option * 3)
    return all.subarray(option * 3, option * 3 + 3)
  })
})
export const negotiate = (verb: Verb, option: number): Buffer => negotiations[Command[verb] - Command.WILL]![option]!

/** `IAC SB option value IAC SE`, an IAC within doubled. */
export function subnegotiate(option: number, value: readonly number[]): Buffer {
  const escaped = value.flatMap(byte => (byte === Command.IAC ? [byte, byte] : [byte]))
  return Buffer.of(Command.IAC, Command.SB, option, ...escaped, Command.IAC, Command.SE)
}

/** Most variables one NEW-ENVIRON is searched for. */
const MAX_VARIABLES = 64

/** The variables of NEW-ENVIRON IS or INFO (RFC 1572 §2): VAR 0, VALUE 1, ESC 2, USERVAR 3. */
export function environment(value: Buffer): { name: Buffer; value: Buffer }[] {
  const found: { name: number[]; value: number[] }[] = []
  let into: number[] | undefined
  for (let at = 1; at < value.length; at++) {
    const byte = value[at]!
    if (byte === 0 || byte === 3) {
      if (found.length === MAX_VARIABLES) break
      const variable = { name: [], value: [] }
      found.push(variable)
      into = variable.name
    } else if (byte === 1) into = found.at(-1)?.value
    else into?.push(byte === 2 ? (value[++at] ?? 0) : byte)
  }
  return found.map(({ name, value }) => ({ name: Buffer.from(name), value: Buffer.from(value) }))
}
