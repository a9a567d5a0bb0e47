import { type Catalogue, inFolder } from '../catalogue.ts'

const ls = async () => (await import('./ls.ts')).ls

/** Programs that make, move, show and change files. */
export const files: Catalogue = inFolder('/usr/bin', {
  basename: async () => (await import('./basename.ts')).basename,
  chgrp: async () => (await import('./chown.ts')).chgrp,
  chmod: async () => (await import('./chmod.ts')).chmod,
  chown: async () => (await import('./chown.ts')).chown,
  cp: async () => (await import('./cp.ts')).cp,
  dir: ls,
  link: async () => (await import('./ln.ts')).link,
  ln: async () => (await import('./ln.ts')).ln,
  ls,
  mkdir: async () => (await import('./mkdir.ts')).mkdir,
  mv: async () => (await import('./mv.ts')).mv,
  rm: async () => (await import('./rm.ts')).rm,
  rmdir: async () => (await import('./rmdir.ts')).rmdir,
  touch: async () => (await import('./touch.ts')).touch,
  unlink: async () => (await import('./ln.ts')).unlink,
  vdir: ls,
})
