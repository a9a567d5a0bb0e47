import { type Catalogue, inFolder } from '../catalogue.ts'

/** Programs that show and change the terminal, and those that fill its screen. */
export const terminal: Catalogue = inFolder('/usr/bin', {
  stty: async () => (await import('./stty.ts')).stty,
  tty: async () => (await import('./talk.ts')).tty,
  mesg: async () => (await import('./talk.ts')).mesg,
  wall: async () => (await import('./talk.ts')).wall,
  'write.ul': async () => (await import('./talk.ts')).write,
  write: async () => (await import('./talk.ts')).write,
  clear: async () => (await import('./screen.ts')).clear,
  tput: async () => (await import('./screen.ts')).tput,
  reset: async () => (await import('./screen.ts')).reset,
  less: async () => (await import('./less.ts')).less,
  more: async () => (await import('./more.ts')).more,
  nano: async () => (await import('./nano.ts')).nano,
  'vim.tiny': async () => (await import('./vi.ts')).vi,
  watch: async () => (await import('./watch.ts')).watch,
  man: async () => (await import('./manual.ts')).man,
  script: async () => (await import('./script.ts')).script,
  screen: async () => (await import('./multiplexers.ts')).screen,
  tmux: async () => (await import('./multiplexers.ts')).tmux,
  tset: async () => (await import('./screen.ts')).reset,
})
