import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { productFiles } from './source-files.ts'

/** Who may read a clock in the engine: how long steps took, and how long a stop may take. */
const READS_CLOCK = ['src/launch/act/launch-session.ts', 'src/launch/act/served-call.ts']
/** Who may read KVM's debugfs: what `verified` says of VMs that run already, and what a node's report says can be verified there. */
const READS_DEBUGFS = [
  'src/launch/act/shown-vms.ts',
  'src/node-agent/report/read-serving-facts.ts',
  'src/supervisor/supervise-launches.ts',
]

const CLOCK =
  /\b(performance\.now|Date\.now|new Date|process\.(hrtime|uptime)|setTimeout|setInterval)\b|\/proc\/uptime/
const DEBUGFS = /kernel\/debug/

describe('what is decided of a call', () => {
  const engine = productFiles().filter(({ path }) => path.startsWith('src/launch/'))

  it('reads no clock', () => {
    const readers = engine
      .filter(({ path }) => !path.startsWith('src/launch/launcher/'))
      .filter(({ text }) => CLOCK.test(text))
    assert.deepEqual(readers.map(({ path }) => path).toSorted(), READS_CLOCK)
  })

  it("reads nothing of KVM's debugfs", () => {
    const files = productFiles()
    const named = files.filter(({ path, text }) => path.startsWith('src/launch/') && DEBUGFS.test(text))
    assert.deepEqual(
      named.map(({ path }) => path),
      ['src/launch/act/kvm-debugfs.ts'],
    )
    const importers = files.filter(({ imports }) =>
      imports.some(({ specifier }) => specifier.endsWith('/kvm-debugfs.ts')),
    )
    assert.deepEqual(importers.map(({ path }) => path).toSorted(), READS_DEBUGFS)
  })

  it('is decided and scripted by pure code: none of it uses what acts', () => {
    const pure = engine.filter(({ path }) => /^src\/launch\/(decide|script)\//.test(path))
    const impure = pure.filter(({ imports }) =>
      imports.some(({ specifier, typeOnly }) => !typeOnly && /^node:|\/act\/|\.ffi\.ts$/.test(specifier)),
    )
    assert.ok(pure.length > 20)
    assert.deepEqual(
      impure.map(({ path }) => path),
      [],
    )
  })
})
