import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import { md4 } from './md4.ts'
import { xxh128 } from './xxh128.ts'

/** What libxxhash 0.8.1 makes of bytes of this number. */
const known: readonly (readonly [bytes: number, hash: string])[] = [
  [0, '99aa06d3014798d86001c324468d497f'],
  [1, '51025a4491835505e12ef9d2eb86ceeb'],
  [2, 'a6ca2b661368d46233b0814d4f061d86'],
  [3, 'ce31763cbf8245a5a9088dda485b481c'],
  [4, 'dd40da4fb215e2141c39dbb553a705e0'],
  [7, '425bbc41192638b175d56664c28409a6'],
  [8, 'f69a63d1bfe6b421ed2e15d607e65102'],
  [9, 'e6437f593809a3c57d29026a8dab645b'],
  [15, '52e04c93177f727fdcb4c565452cdfcb'],
  [16, 'e8920f24c46d190e93e2125b8d5e83bd'],
  [17, '87a3d4506bedd5649f166f98e8c7d6d8'],
  [32, '948b89cc364a6c14a9e5525d1313ef69'],
  [33, '52690df719c32c554b450d35e4e4ce40'],
  [64, '5914f5995a136fedce6033110f0e190c'],
  [65, '652f0fb569a7679762635de38a5cecaf'],
  [96, 'c975a517453689134b4d2855354723da'],
  [97, '00a0693ce78ee58a62cf4ae63bb12a3e'],
  [128, '6366d7603fd45b4ae5ba6e4129933089'],
  [129, '29ff8922f1223360efe75d0059e9e2d3'],
  [160, 'f981459584c2e4459a5e902dbab22008'],
  [161, 'f40f5c29cefa514bd9baf8fb1776c645'],
  [200, '497dabc08f09b1be39bf58732beda16f'],
  [239, '369d565ced7968e72d085200a0098d00'],
  [240, '162f94b689da4e16fd17fecfdb5c1b45'],
  [241, '83e91254d35bcf72bd7d29b6ba966d6a'],
  [256, '2f433606b2ebce2dff5a1cefade75bb9'],
  [512, '54087d77f166e47ebb93b415b7272611'],
  [1023, '42366490cfcf76622781dcf37b71e7a5'],
  [1024, '25bdb537bd627db3cbeb9f3a1aeccda2'],
  [1025, '95d9e0f2aa81ad40a786915585c6bf1b'],
  [1088, 'e1a07392bbdea4534c33e1a280f2f09d'],
  [2048, '31cceda46270a1ec8d032ce04bf3e086'],
  [5000, '2df7f1673db439396fe43fe2374fd109'],
  [70000, 'ab8739d9f2d19e4af3c8eca67404af71'],
]

for (const [n, hash] of known)
  test(`XXH3 of ${n} bytes`, async () => {
    const input = Buffer.from(Array.from({ length: n }, (_, i) => (i * 7 + (i >> 8) * 13 + n) & 255))
    assert.equal(
      Buffer.from(await xxh128(input))
        .reverse()
        .toString('hex'),
      hash,
    )
  })

test('MD4 as RFC 1320 §A.5 has it', () => {
  assert.equal(md4(Buffer.from('')).toString('hex'), '31d6cfe0d16ae931b73c59d7e0c089c0')
  assert.equal(md4(Buffer.from('message digest')).toString('hex'), 'd9130a8164549fe818874806e1c7014b')
  const digits = '1234567890'.repeat(8)
  assert.equal(md4(Buffer.from(digits)).toString('hex'), 'e33b4ddc9c38f2199c3e7b164fcc0536')
  assert.notEqual(md4(Buffer.from(digits)).toString('hex'), createHash('md5').update(digits).digest('hex'))
})
