import assert from 'node:assert/strict'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { type TestContext, test } from 'node:test'
import { providers } from './catalogue.ts'
import { guessProviders } from './guess.ts'

/** What is guessed for a machine whose firmware says this. */
function guess(t: TestContext, files: Record<string, string>): string[] {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'skep-dmi-'))
  t.after(() => fs.rmSync(directory, { recursive: true }))
  for (const [name, text] of Object.entries(files)) fs.writeFileSync(path.join(directory, name), text)
  return guessProviders(providers(), directory).map(({ id }) => id)
}

test('a rented machine gives its provider away', t => {
  assert.deepEqual(guess(t, { sys_vendor: 'Vultr\n', product_name: 'VC2\n' }), ['vultr'])
  assert.deepEqual(guess(t, { sys_vendor: 'Akamai\n' }), ['linode'])
  assert.deepEqual(guess(t, { sys_vendor: 'Linode\n', product_name: 'Compute Instance\n' }), ['linode'])
  assert.deepEqual(
    guess(t, { sys_vendor: 'Microsoft Corporation\n', chassis_asset_tag: '7783-7084-3265-9085-8269-3286-77\n' }),
    ['azure'],
  )
})

test('where two providers share their machines, both are named', t => {
  const both = ['aws', 'aws-lightsail']
  assert.deepEqual(guess(t, { sys_vendor: 'Amazon EC2\n', product_name: 't3.micro\n' }), both)
  assert.deepEqual(guess(t, { sys_vendor: 'Xen\n', product_name: 'HVM domU\n', bios_version: '4.11.amazon\n' }), both)
})

test('what only looks alike is not guessed', t => {
  assert.deepEqual(guess(t, {}), [])
  assert.deepEqual(guess(t, { sys_vendor: 'Microsoft Corporation\n', product_name: 'Virtual Machine\n' }), [])
  assert.deepEqual(guess(t, { sys_vendor: 'QEMU\n', product_name: 'Standard PC (i440FX + PIIX, 1996)\n' }), [])
  assert.deepEqual(guess(t, { sys_vendor: 'Not Vultr\n' }), [])
  assert.deepEqual(guessProviders(providers(), '/nonexistent'), [])
})
