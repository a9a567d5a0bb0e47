import { type Catalogue, inFolder } from '../catalogue.ts'

const running = () => import('./running.ts')
const echo = () => import('./echo.ts')
const test = async () => (await import('./test.ts')).test
const lines = () => import('./lines.ts')
const columns = () => import('./columns.ts')
const compare = () => import('./compare.ts')
const grep = () => import('../grep/grep.ts')
const simple = () => import('./simple.ts')
const sums = () => import('./sums.ts')
const base = () => import('./base.ts')
const hexdump = async () => (await import('./hexdump.ts')).hexdump

/** Programs that read, make and change text and bytes. */
export const text: Catalogue = inFolder('/usr/bin', {
  '[': test,
  cmp: async () => (await compare()).cmp,
  colrm: async () => (await columns()).colrm,
  column: async () => (await columns()).column,
  comm: async () => (await compare()).comm,
  diff: async () => (await import('./diff.ts')).diff,
  envsubst: async () => (await columns()).envsubst,
  expand: async () => (await lines()).expand,
  fmt: async () => (await lines()).fmt,
  fold: async () => (await lines()).fold,
  iconv: async () => (await import('./iconv.ts')).iconv,
  join: async () => (await compare()).join,
  look: async () => (await columns()).look,
  nl: async () => (await lines()).nl,
  shuf: async () => (await columns()).shuf,
  tsort: async () => (await columns()).tsort,
  unexpand: async () => (await lines()).unexpand,
  date: async () => (await import('./date.ts')).date,
  echo: async () => (await echo()).echo,
  env: async () => (await running()).env,
  expr: async () => (await import('./expr.ts')).expr,
  factor: async () => (await import('./factor.ts')).factor,
  ionice: async () => (await running()).ionice,
  nice: async () => (await running()).nice,
  nohup: async () => (await running()).nohup,
  numfmt: async () => (await import('./numfmt.ts')).numfmt,
  printenv: async () => (await running()).printenv,
  printf: async () => (await echo()).printf,
  seq: async () => (await import('./seq.ts')).seq,
  sleep: async () => (await running()).sleep,
  stdbuf: async () => (await running()).stdbuf,
  test,
  timeout: async () => (await running()).timeout,
  b2sum: async () => (await sums()).b2sum,
  base32: async () => (await base()).base32Program,
  base64: async () => (await base()).base64Program,
  basenc: async () => (await base()).basenc,
  cat: async () => (await import('./cat.ts')).cat,
  cksum: async () => (await sums()).cksum,
  cut: async () => (await import('./cut.ts')).cut,
  egrep: async () => (await grep()).egrep,
  false: async () => (await simple()).fails,
  fgrep: async () => (await grep()).fgrep,
  grep: async () => (await grep()).grep,
  head: async () => (await import('./head.ts')).head,
  hexdump,
  mawk: async () => (await import('../awk/awk.ts')).awk,
  md5sum: async () => (await sums()).md5sum,
  pwd: async () => (await simple()).pwd,
  od: async () => (await import('./od.ts')).od,
  paste: async () => (await simple()).paste,
  rev: async () => (await simple()).rev,
  rgrep: async () => (await grep()).rgrep,
  sed: async () => (await import('../sed/sed.ts')).sed,
  sha1sum: async () => (await sums()).sha1sum,
  sha224sum: async () => (await sums()).sha224sum,
  sha256sum: async () => (await sums()).sha256sum,
  sha384sum: async () => (await sums()).sha384sum,
  sha512sum: async () => (await sums()).sha512sum,
  sort: async () => (await import('./sort.ts')).sort,
  sum: async () => (await sums()).sumProgram,
  tac: async () => (await import('./cat.ts')).tac,
  tail: async () => (await import('./tail.ts')).tail,
  tee: async () => (await simple()).tee,
  tr: async () => (await import('./tr.ts')).tr,
  true: async () => (await simple()).succeeds,
  uniq: async () => (await import('./uniq.ts')).uniq,
  wc: async () => (await import('./wc.ts')).wc,
  yes: async () => (await simple()).yes,
  zegrep: async () => (await grep()).zegrep,
  zfgrep: async () => (await grep()).zfgrep,
  zgrep: async () => (await grep()).zgrep,
})
