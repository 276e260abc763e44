import { readFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { assertGolden } from '../../golden/golden-file.ts'
import { fixtureHostFile, profileOf, runVerb } from './run-verb.ts'

const folder = mkdtempSync(join(tmpdir(), 'cpufeatures-unknown-'))
const [V1, N1] = [fixtureHostFile('neoverse-v1-6.18'), fixtureHostFile('neoverse-n1-6.18')]

const FILES: Readonly<Record<string, string>> = {
  dump: 'test/fixtures/firecracker/neoverse-v1-6.18.json',
  same: 'test/fixtures/firecracker/neoverse-v1-6.18.json',
  n1: 'test/fixtures/firecracker/neoverse-n1-6.18.json',
  old: 'test/fixtures/firecracker/neoverse-n1-6.1.json',
  cpuinfo: 'test/fixtures/foreign/cpuinfo-cortex-a72.txt',
}

const without = (file: string, ...keys: readonly string[]): string => {
  const document = JSON.parse(readFileSync(file, 'utf8')) as object
  return JSON.stringify(Object.fromEntries(Object.entries(document).filter(([key]) => !keys.includes(key))))
}

const PROFILES: Readonly<Record<string, object>> = {
  rng: profileOf({ base: { host: {} }, features: [{ name: 'FEAT_RNG', state: 'Disabled' }] }),
  sve: profileOf({ base: { host: {} }, vcpuFeatures: { sve: 'Required' } }),
  required: profileOf({ base: { host: {} }, features: [{ name: 'FEAT_LSE', state: 'Required' }] }),
  midr: profileOf({ base: { host: {} }, implementation: { midr: '0x410fd0c1' } }),
  fleet: profileOf({ base: { nodes: {} }, implementation: { midr: 'FromBaseline' } }),
}

const VERBS: readonly string[] = [
  'check -f rng --hosts dump same -o wide',
  'check -f rng --hosts dump old cpuinfo -o wide',
  'check -f sve --hosts dump unlisted -o wide',
  'check -f required --hosts cpuinfo -o wide',
  'check -f midr --hosts dump probed -o wide',
  'check -f rng --hosts unmeasured probed -o wide',
  'check -f fleet --hosts dump probed -o wide',
  'baseline --hosts dump n1 -o wide',
  'baseline --hosts dump same -o wide',
  'baseline --hosts old probed -o wide',
  'diff dump same',
  'diff probed dump',
  'explain dump',
  'explain old',
  'explain FEAT_RNG --hosts dump old cpuinfo',
  'explain REVIDR_EL1 --hosts dump cpuinfo probed',
]

describe('what is said of hosts that do not tell everything', () => {
  before(() => {
    for (const [name, file] of Object.entries(FILES))
      writeFileSync(join(folder, `${name}.json`), runVerb(['import', file]).stdout)
    writeFileSync(join(folder, 'probed.json'), readFileSync(V1))
    writeFileSync(join(folder, 'unlisted.json'), without(V1, 'registerList', 'sveVectorLengths'))
    writeFileSync(join(folder, 'unmeasured.json'), without(N1, 'counterFrequency', 'dczid', 'ctr'))
    for (const [name, profile] of Object.entries(PROFILES))
      writeFileSync(join(folder, `${name}.json`), JSON.stringify(profile))
  })
  after(() => {
    rmSync(folder, { recursive: true })
  })

  it('is that it is unknown, and never that it is zero, the same, or what KVM does not let', () => {
    const names = new Set([
      ...Object.keys(FILES),
      ...Object.keys(PROFILES),
      'probed',
      'unlisted',
      'unmeasured',
    ])
    assertGolden(
      'unknown.txt',
      VERBS.map((line) => {
        const args = line.split(' ').map((word) => (names.has(word) ? join(folder, `${word}.json`) : word))
        const { status, stdout, stderr } = runVerb(args)
        const text = `${stdout}${stderr}`.replaceAll(`${folder}/`, '')
        return { title: line, text: `${text}exit code ${status}\n` }
      }),
    )
  })
})
