import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { builtBundle } from '../../harness/product-bundle.ts'

const root = join(import.meta.dirname, '../../..')
const readme = readFileSync(join(root, 'README.md'), 'utf8')

/** What README.md shows of a terminal: lines that begin with `$ ` are typed, the others printed. */
const shown = (/```console\n(?<text>[^]*?)```/.exec(readme)?.groups ?? {})['text'] ?? ''

const typed = shown.split('\n').flatMap((line) => (line.startsWith('$ ') ? [line.slice(2)] : []))

/** All that a terminal shows when these lines are typed, with the built `cpufeatures`. */
const terminal = (lines: readonly string[]): string => {
  const script = [
    'exec 2>&1',
    'cpufeatures() { "$NODE" "$BUNDLE" "$@"; }',
    ...lines.flatMap((line) => [`printf '$ %s\\n' '${line}'`, line]),
  ]
  const { stdout } = spawnSync('bash', ['-c', script.join('\n')], {
    cwd: root,
    encoding: 'utf8',
    env: { ...process.env, NODE: process.execPath, BUNDLE: builtBundle() },
  })
  return stdout
}

describe('README.md', () => {
  it('shows what the commands of its trial print', () => {
    assert.ok(typed.length >= 4, 'it has commands')
    assert.equal(shown, terminal(typed))
  })
})
