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
  find: async () => (await import('./find.ts')).find,
  dirname: async () => (await import('./readlink.ts')).dirname,
  install: async () => (await import('./install.ts')).install,
  link: async () => (await import('./ln.ts')).link,
  ln: async () => (await import('./ln.ts')).ln,
  ls,
  mkdir: async () => (await import('./mkdir.ts')).mkdir,
  mkfifo: async () => (await import('./mknod.ts')).mkfifo,
  mknod: async () => (await import('./mknod.ts')).mknod,
  mktemp: async () => (await import('./mktemp.ts')).mktemp,
  mv: async () => (await import('./mv.ts')).mv,
  pathchk: async () => (await import('./readlink.ts')).pathchk,
  readlink: async () => (await import('./readlink.ts')).readlink,
  realpath: async () => (await import('./readlink.ts')).realpath,
  rm: async () => (await import('./rm.ts')).rm,
  rmdir: async () => (await import('./rmdir.ts')).rmdir,
  shred: async () => (await import('./truncate.ts')).shred,
  stat: async () => (await import('./stat.ts')).stat,
  sync: async () => (await import('./truncate.ts')).sync,
  touch: async () => (await import('./touch.ts')).touch,
  truncate: async () => (await import('./truncate.ts')).truncate,
  unlink: async () => (await import('./ln.ts')).unlink,
  vdir: ls,
  'which.debianutils': async () => (await import('./which.ts')).which,
  xargs: async () => (await import('./xargs.ts')).xargs,
})
