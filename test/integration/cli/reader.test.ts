import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync } from 'node:fs'
import { describe, it } from 'node:test'
import { builtBundle } from '../../harness/product-bundle.ts'
import { fixtureHostFile } from './run-verb.ts'

const HOST = fixtureHostFile('neoverse-v1-6.18')

/** Exit code and standard error of a command line whose output nobody reads any more. */
const unread = async (args: readonly string[]): Promise<readonly [number | null, string]> => {
  const child = spawn(process.execPath, [builtBundle(), ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
  let told = ''
  child.stderr.on('data', (data: Buffer) => (told += data.toString()))
  child.stdout.destroy()
  const [code] = (await once(child, 'close')) as [number | null]
  return [code, told]
}

describe('a command line whose reader has gone', () => {
  for (const args of [
    ['--help'],
    ['run', '--help'],
    ['explain', HOST],
    ['explain', 'FEAT_RNG', '-o', 'json'],
  ])
    it(`ends without a word: ${args.slice(0, 2).join(' ')}`, async () => {
      assert.deepEqual(await unread(args), [0, ''])
    })
})

describe('a command line whose output cannot be written', () => {
  it('ends with 1 and a sentence', () => {
    const full = openSync('/dev/full', 'w')
    const { status, stderr } = spawnSync(process.execPath, [builtBundle(), 'explain', 'FEAT_RNG'], {
      stdio: ['ignore', full, 'pipe'],
      encoding: 'utf8',
    })
    closeSync(full)
    assert.equal(status, 1)
    assert.match(stderr, /^cpufeatures: the output cannot be written: ENOSPC: [^\n]*\n$/)
  })
})
