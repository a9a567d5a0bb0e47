import { type Catalogue, inFolder } from '../catalogue.ts'

const grep = () => import('../grep/grep.ts')
const simple = () => import('./simple.ts')

/** Programs that read, make and change text and bytes. */
export const text: Catalogue = inFolder('/usr/bin', {
  cat: async () => (await import('./cat.ts')).cat,
  cut: async () => (await import('./cut.ts')).cut,
  egrep: async () => (await grep()).egrep,
  false: async () => (await simple()).fails,
  fgrep: async () => (await grep()).fgrep,
  grep: async () => (await grep()).grep,
  head: async () => (await import('./head.ts')).head,
  mawk: async () => (await import('../awk/awk.ts')).awk,
  paste: async () => (await simple()).paste,
  rev: async () => (await simple()).rev,
  rgrep: async () => (await grep()).rgrep,
  sed: async () => (await import('../sed/sed.ts')).sed,
  sort: async () => (await import('./sort.ts')).sort,
  tac: async () => (await import('./cat.ts')).tac,
  tail: async () => (await import('./tail.ts')).tail,
  tee: async () => (await simple()).tee,
  tr: async () => (await import('./tr.ts')).tr,
  true: async () => (await simple()).succeeds,
  uniq: async () => (await import('./uniq.ts')).uniq,
  wc: async () => (await import('./wc.ts')).wc,
  yes: async () => (await simple()).yes,
})
