/**
 * TLSH, a hash by which payloads that are nearly the same are nearly alike: Oliver, Cheng and Chen, "TLSH – A Locality
 * Sensitive Hash" (CTC 2013), in the form `T1…` that sample exchanges search by: 128 buckets, one byte of checksum.
 */

/** Pearson, "Fast Hashing of Variable-Length Text Strings" (CACM 1990): a permutation. */
const pearson = Uint8Array.of(
  1,
  87,
  49,
  12,
  176,
  178,
  102,
  166,
  121,
  193,
  6,
  84,
  249,
  230,
  44,
  163,
  14,
  197,
  213,
  181,
  161,
  85,
  218,
  80,
  64,
  239,
  24,
  226,
  236,
  142,
  38,
  200,
  110,
  177,
  104,
  103,
  141,
  253,
  255,
  50,
  77,
  101,
  81,
  18,
  45,
  96,
  31,
  222,
  25,
  107,
  190,
  70,
  86,
  237,
  240,
  34,
  72,
  242,
  20,
  214,
  244,
  227,
  149,
  235,
  97,
  234,
  57,
  22,
  60,
  250,
  82,
  175,
  208,
  5,
  127,
  199,
  111,
  62,
  135,
  248,
  174,
  169,
  211,
  58,
  66,
  154,
  106,
  195,
  245,
  171,
  17,
  187,
  182,
  179,
  0,
  243,
  132,
  56,
  148,
  75,
  128,
  133,
  158,
  100,
  130,
  126,
  91,
  13,
  153,
  246,
  216,
  219,
  119,
  68,
  223,
  78,
  83,
  88,
  201,
  99,
  122,
  11,
  92,
  32,
  136,
  114,
  52,
  10,
  138,
  30,
  48,
  183,
  156,
  35,
  61,
  26,
  143,
  74,
  251,
  94,
  129,
  162,
  63,
  152,
  170,
  7,
  115,
  167,
  241,
  206,
  3,
  150,
  55,
  59,
  151,
  220,
  90,
  53,
  23,
  131,
  125,
  173,
  15,
  238,
  79,
  95,
  89,
  16,
  105,
  137,
  225,
  224,
  217,
  160,
  37,
  123,
  118,
  73,
  2,
  157,
  46,
  116,
  9,
  145,
  134,
  228,
  207,
  212,
  202,
  215,
  69,
  229,
  27,
  188,
  67,
  124,
  168,
  252,
  42,
  4,
  29,
  108,
  21,
  247,
  19,
  205,
  39,
  203,
  233,
  40,
  186,
  147,
  198,
  192,
  155,
  33,
  164,
  191,
  98,
  204,
  165,
  180,
  117,
  76,
  140,
  36,
  210,
  172,
  41,
  54,
  159,
  8,
  185,
  232,
  113,
  196,
  231,
  47,
  146,
  120,
  51,
  65,
  28,
  144,
  254,
  221,
  93,
  189,
  194,
  139,
  112,
  43,
  71,
  109,
  184,
  209,
)
const BUCKETS = 128
/** Fewer bytes say too little. */
const SHORTEST = 50

/** `T1` and 70 hex digits; `undefined` for what is too short or too uniform to be told apart. */
export function tlsh(bytes: Uint8Array): string | undefined {
  if (bytes.length < SHORTEST) return undefined
  const buckets = new Uint32Array(256)
  let checksum = 0
  const t = pearson
  for (let i = 4; i < bytes.length; i++) {
    const [a, b, c, d, e] = [bytes[i]!, bytes[i - 1]!, bytes[i - 2]!, bytes[i - 3]!, bytes[i - 4]!]
    checksum = t[t[t[1 ^ a]! ^ b]! ^ checksum]!
    // Six triplets of a window of five, each with a salt of its own: Pearson's hash of 2, 3, 5, 7, 11, 13.
    buckets[t[t[t[49 ^ a]! ^ b]! ^ c]!]!++
    buckets[t[t[t[12 ^ a]! ^ b]! ^ d]!]!++
    buckets[t[t[t[178 ^ a]! ^ c]! ^ d]!]!++
    buckets[t[t[t[166 ^ a]! ^ c]! ^ e]!]!++
    buckets[t[t[t[84 ^ a]! ^ b]! ^ e]!]!++
    buckets[t[t[t[230 ^ a]! ^ d]! ^ e]!]!++
  }
  const used = buckets.subarray(0, BUCKETS)
  const sorted = Uint32Array.from(used).sort()
  const [q1, q2, q3] = [sorted[BUCKETS / 4 - 1]!, sorted[BUCKETS / 2 - 1]!, sorted[BUCKETS - BUCKETS / 4 - 1]!]
  if (q3 === 0 || used.reduce((sum, count) => sum + (count > 0 ? 1 : 0), 0) <= BUCKETS / 2) return undefined
  const code = new Uint8Array(BUCKETS / 4)
  for (let i = 0; i < BUCKETS; i++) {
    const count = used[i]!
    const quarter = count > q3 ? 3 : count > q2 ? 2 : count > q1 ? 1 : 0
    code[code.length - 1 - (i >> 2)]! |= quarter << ((i & 3) * 2)
  }
  const ratios = ((Math.trunc((q1 * 100) / q3) % 16) << 4) | (Math.trunc((q2 * 100) / q3) % 16)
  return `T1${hex(swapped(checksum))}${hex(swapped(lengthClass(bytes.length)))}${hex(ratios)}${Array.from(code, hex).join('')}`
}

const hex = (byte: number) => byte.toString(16).padStart(2, '0').toUpperCase()
const swapped = (byte: number) => ((byte & 15) << 4) | (byte >> 4)

/** Lengths by logarithm, finer where files are longer. */
function lengthClass(length: number): number {
  if (length <= 656) return Math.floor(Math.log(length) / 0.4054651) & 0xff
  if (length <= 3199) return Math.floor(Math.log(length) / 0.26236426 - 8.72777) & 0xff
  return Math.floor(Math.log(length) / 0.09531018 - 62.5472) & 0xff
}

/** How far two hashes are from each other: 0 for the same, below 30 nearly the same, over 100 not related. */
export function tlshDistance(one: string, other: string): number {
  const [a, b] = [parsed(one), parsed(other)]
  const length = around(a.length, b.length, 256)
  const q1 = around(a.q1, b.q1, 16)
  const q2 = around(a.q2, b.q2, 16)
  let distance = length > 1 ? length * 12 : length
  distance += q1 > 1 ? (q1 - 1) * 12 : q1
  distance += q2 > 1 ? (q2 - 1) * 12 : q2
  if (a.checksum !== b.checksum) distance++
  for (let i = 0; i < a.code.length; i++)
    for (let shift = 0; shift < 8; shift += 2) {
      const difference = Math.abs(((a.code[i]! >> shift) & 3) - ((b.code[i]! >> shift) & 3))
      distance += difference === 3 ? 6 : difference
    }
  return distance
}

const around = (a: number, b: number, size: number) => Math.min((a - b + size) % size, (b - a + size) % size)

function parsed(hash: string) {
  if (!/^T1[0-9A-F]{70}$/.test(hash)) throw new Error(`Not a TLSH hash: ${hash}`)
  const bytes = Buffer.from(hash.slice(2), 'hex')
  return {
    checksum: bytes[0]!,
    length: swapped(bytes[1]!),
    q1: bytes[2]! >> 4,
    q2: bytes[2]! & 15,
    code: bytes.subarray(3),
  }
}
