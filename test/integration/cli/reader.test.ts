import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { describe, it } from 'node:test'
import { fixtureHostFile } from './run-verb.ts'

const HOST = fixtureHostFile('neoverse-v1-6.18')

/** Exit code and standard error of a command line whose output nobody reads any more. */
const unread = async (args: readonly string[]): Promise<readonly [number | null, string]> => {
  const child = spawn(process.execPath, ['src/main.ts', ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
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
