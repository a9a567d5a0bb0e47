/** The terminal of a session: the pseudo-terminal itself, and a log-in on it from its first line to its last. */
export { type InteractiveOptions, runInteractive, runWithoutTerminal } from './session.ts'
export { createTerminal, type TerminalDevice, type TerminalOptions } from './terminal.ts'
export { applySshModes, type Flag, type Special, type Termios } from './termios.ts'
