import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { finding } from '../../../src/api/finding.ts'
import { renderFinding } from '../../../src/compatibility/render-finding.ts'
import { FINDING_REASONS } from '../../../src/profile/finding-reason.ts'
import { FINDING_SAMPLES } from '../../golden/finding-samples.ts'
import { assertGolden } from '../../golden/golden-file.ts'
import { profileOf } from './run-verb.ts'

const root = fileURLToPath(new URL('../../../', import.meta.url))
const hostFile = (name: string): string => join(root, 'test/fixtures/hosts', `${name}.json`)
const [V1, N1] = [hostFile('neoverse-v1-6.18'), hostFile('neoverse-n1-6.18')]

const profile = (spec: object): string => JSON.stringify(profileOf(spec))
const base = { host: {} }

/** Command lines that are wrong; `input` is the file `input.yaml` in the folder they run in. */
const MISTAKES: readonly { readonly args: string; readonly input?: string }[] = [
  { args: 'check -f input.yaml --hosts nowhere.json', input: profile({ base }) },
  { args: 'check -f input.yaml --hosts .', input: profile({ base }) },
  { args: 'check -f input.yaml --hosts empty', input: profile({ base }) },
  { args: 'check -f input.yaml', input: '{ base: [ ' },
  { args: 'check -f input.yaml', input: '' },
  { args: 'check -f input.yaml', input: 'text: only\n' },
  { args: 'check -f input.yaml', input: 'apiVersion: v1\nkind: Pod\nmetadata: {name: x}\n' },
  {
    args: 'check -f input.yaml',
    input: 'apiVersion: cpufeatures.dev/v1alpha1\nkind: CpuFeatureProfile\nspec: {base: {host: {}}}\n',
  },
  { args: 'check -f input.yaml', input: JSON.stringify({ reg_modifiers: [] }) },
  { args: 'check -f input.yaml', input: profile({ base, vcpuFeatures: { sve: 'Maybe' } }) },
  { args: 'check -f input.yaml', input: profile({ base, vcpuFeature: { sve: 'Disabled' } }) },
  { args: 'check -f input.yaml', input: profile({ base: {} }) },
  { args: 'check -f input.yaml', input: profile({ base: { host: {}, view: { registers: {} } } }) },
  { args: 'check -f input.yaml', input: JSON.stringify(profileOf({ base }, 'x'.repeat(53))) },
  { args: `check -f input.yaml -f input.yaml --hosts ${V1}`, input: profile({ base }) },
  { args: `check --hosts ${V1}` },
  { args: 'check fleet' },
  {
    args: `check -f input.yaml --hosts ${V1}`,
    input: profile({ base, features: [{ name: 'FEAT_RGN', state: 'Disabled' }] }),
  },
  {
    args: `compile -f input.yaml --hosts ${V1}`,
    input: profile({ base, registers: [{ register: 'ID_AA64ISAR9_EL1', field: 'AES', value: 1 }] }),
  },
  {
    args: `compile -f input.yaml --hosts ${V1}`,
    input: profile({ base, registers: [{ register: 'ID_AA64ISAR0_EL1', field: 'RNDX', value: 1 }] }),
  },
  {
    args: `compile -f input.yaml --hosts ${V1}`,
    input: profile({ base, registers: [{ register: 'ID_AA64ISAR0_EL1', field: 'RNDR', value: 16 }] }),
  },
  {
    args: `compile -f input.yaml --hosts ${V1}`,
    input: profile({ base, registers: [{ register: 'ID_AA64PFR0_EL1', field: 'GIC', value: 1 }] }),
  },
  {
    args: `compile -f input.yaml --hosts ${V1}`,
    input: profile({
      base,
      features: [
        { name: 'FEAT_AES', state: 'Disabled' },
        { name: 'FEAT_PMULL', state: 'Required' },
      ],
    }),
  },
  {
    args: `compile -f input.yaml --hosts ${V1}`,
    input: profile({ base, implementation: { midr: 'FromBaseline' } }),
  },
  { args: `compile -f input.yaml --hosts ${V1} ${N1}`, input: profile({ base: { nodes: {} } }) },
  {
    args: `compile -f input.yaml --hosts ${V1}`,
    input: profile({ base: { nodes: { minNodes: 3 } } }),
  },
  {
    args: `compile -f input.yaml --hosts ${N1}`,
    input: profile({ base: { architecture: { version: 'v9.9-A' } } }),
  },
  {
    args: `compile -f input.yaml --hosts ${N1}`,
    input: profile({ base: { architecture: { version: 'v8.2-A' } }, vcpuFeatures: { sve: 'Required' } }),
  },
  {
    args: `compile -f input.yaml --hosts ${V1}`,
    input: profile({ base: { architecture: { version: 'v8.4-A' } } }),
  },
  { args: 'baseline --hosts empty.yaml' },
  { args: 'diff nowhere.json nowhere.json' },
  { args: 'explain FEAT_RGN' },
  { args: 'explain ID_AA64ISAR9_EL1' },
  { args: 'explain ID_AA64ISAR0_EL1=12' },
  { args: 'explain input.yaml', input: profile({ base: { nodes: {} } }) },
  { args: 'import input.yaml', input: '{}' },
  { args: 'import input.yaml', input: '{' },
  { args: 'import input.yaml', input: JSON.stringify({ reg_modifiers: [] }) },
  { args: 'predict' },
  { args: 'predict --kvm --rules-only' },
  { args: 'predict --host input.yaml', input: profile({ base }) },
  { args: 'export -f input.yaml --format qemu', input: profile({ base }) },
  { args: 'chekc' },
]

describe('what users are told', () => {
  const folder = mkdtempSync(join(tmpdir(), 'cpufeatures-messages-'))
  before(() => {
    writeFileSync(join(folder, 'empty.yaml'), '')
  })
  after(() => {
    rmSync(folder, { recursive: true })
  })

  it('is a sentence for every reason that a finding can have', () => {
    const entries = Object.entries(FINDING_SAMPLES).map(([reason, sample]) => ({
      title: reason,
      text: renderFinding(finding.parse({ reason, ...sample })),
    }))
    assertGolden('findings.txt', entries)
    assert.deepEqual(Object.keys(FINDING_SAMPLES).sort(), Object.keys(FINDING_REASONS).sort())
  })

  it('is what is wrong, where, and what to do, for every mistake in what was given', () => {
    const plain = (text: string): string => text.replaceAll(root, '')
    const entries = MISTAKES.map(({ args, input = '' }) => {
      writeFileSync(join(folder, 'input.yaml'), input)
      const { status, stderr } = spawnSync(
        process.execPath,
        [join(root, 'src/main.ts'), ...args.split(' ')],
        { cwd: folder, encoding: 'utf8', input: '', env: { PATH: process.env['PATH'], HOME: folder } },
      )
      assert.notEqual(status, 0, args)
      const given = input.trim() === '' ? '' : `\n   ${input.trim().replaceAll('\n', '\n   ')}`
      return { title: `${plain(args)} (ends with ${status ?? 'a signal'})${given}`, text: plain(stderr) }
    })
    assertGolden('input-errors.txt', entries)
  })
})
