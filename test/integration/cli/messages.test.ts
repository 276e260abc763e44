import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { finding } from '../../../src/api/finding.ts'
import { renderFinding } from '../../../src/compatibility/render-finding.ts'
import { PLAN_FINDING_SAMPLES, REACH_FINDING_SAMPLES } from '../../golden/finding-samples.ts'
import { samplePlan } from '../../fixtures/sample-plan.ts'
import { assertGolden } from '../../golden/golden-file.ts'
import { builtBundle } from '../../harness/product-bundle.ts'
import { profileOf } from './run-verb.ts'

const root = fileURLToPath(new URL('../../../', import.meta.url))
const hostFile = (name: string): string => join(root, 'test/fixtures/hosts', `${name}.json`)
const [V1, N1] = [hostFile('neoverse-v1-6.18'), hostFile('neoverse-n1-6.18')]

const profile = (spec: object): string => JSON.stringify(profileOf(spec))

const revision = (spec: unknown): string =>
  JSON.stringify({
    apiVersion: 'cpufeatures.dev/v1alpha1',
    kind: 'CpuFeatureProfileRevision',
    metadata: { name: 'fleet' },
    spec,
  })

const BASE = { host: {} }

const DUMP = JSON.stringify({
  reg_modifiers: [{ addr: '0x603000000013c030', bitmap: `0b${'0'.repeat(64)}` }],
})

const [MIDR, BITS] = ['0x603000000013c000', `0b${'0'.repeat(64)}`]

/** A dump of MIDR_EL1 and of the given registers. */
const dump = (...more: readonly object[]): string =>
  JSON.stringify({ reg_modifiers: [{ addr: MIDR, bitmap: `0b${(0x410fd0c1).toString(2)}` }, ...more] })

const foreign = (name: string): string => readFileSync(join(root, 'test/fixtures/foreign', name), 'utf8')
const [ARM_CPUINFO, X86_CPUINFO] = [foreign('cpuinfo-linux-3.txt'), foreign('cpuinfo-x86.txt')]
const LSCPU = foreign('lscpu.txt')

/** A few lines that would fill the memory: each alias stands for ten of the one before. */
const ALIASES = Array.from({ length: 9 }, (_, level) =>
  level === 0
    ? 'a0: &a0 x'
    : `a${level}: &a${level} [${Array.from({ length: 10 }, () => `*a${level - 1}`).join(', ')}]`,
).join('\n')

const UNPROBED = 'apiVersion: cpufeatures.dev/v1alpha1\nkind: NodeCpuFeatures\nmetadata: {name: worker-1}\n'

/** Command lines that are wrong; `input` is the file `input.yaml` in the folder they run in. */
const MISTAKES: readonly { readonly args: string; readonly input?: string; readonly stdin?: string }[] = [
  { args: 'check -f input.yaml --hosts nowhere.json', input: profile({ base: BASE }) },
  { args: 'check -f input.yaml --hosts .', input: profile({ base: BASE }) },
  { args: 'check -f input.yaml --hosts empty', input: profile({ base: BASE }) },
  { args: 'check -f input.yaml', input: '{ base: [ ' },
  { args: 'check -f input.yaml', input: '' },
  { args: 'check -f input.yaml', input: 'text: only\n' },
  { args: 'check -f input.yaml', input: '{"apiVersion": "v1",\n "kind": "Pod", "kind": "Node"}' },
  { args: 'check -f input.yaml', input: '{"apiVersion": "cpufeatures.dev/v1alpha1",\n "kind": "CpuFea' },
  { args: 'check -f input.yaml', input: 'PK\u0003\u0004' },
  { args: 'check -f input.yaml', input: 'a: \u0000' },
  { args: 'check -f input.yaml', input: 'apiVersion: v1\nkind: Pod\nmetadata: {name: x}\n' },
  {
    args: 'check -f input.yaml',
    input: 'apiVersion: cpufeatures.dev/v1alpha1\nkind: CpuFeatureProfile\nspec: {base: {host: {}}}\n',
  },
  { args: 'check -f input.yaml', input: JSON.stringify({ reg_modifiers: [] }) },
  { args: 'check -f input.yaml', input: DUMP },
  { args: 'check -f input.yaml', input: profile({ base: BASE, vcpuFeatures: { sve: 'Maybe' } }) },
  { args: 'check -f input.yaml', input: profile({ base: BASE, vcpuFeature: { sve: 'Disabled' } }) },
  { args: 'check -f input.yaml', input: profile({ base: BASE, vcpuFeatures: { svee: 'Disabled' } }) },
  { args: 'check -f input.yaml', input: profile({ base: BASE, minNodes: 2 }) },
  { args: 'check -f input.yaml', input: profile({ base: 'nodes' }) },
  { args: 'check -f input.yaml', input: profile({ base: BASE, registers: ['ID_AA64PFR0_EL1'] }) },
  { args: 'check -f input.yaml', input: profile({ base: { architecture: { version: 'v8.10-A' } } }) },
  { args: 'check input.yaml', input: profile({ base: BASE }) },
  { args: 'plan' },
  { args: 'check -f input.yaml', input: profile({ base: {} }) },
  { args: 'check -f input.yaml', input: profile({ base: { host: {}, view: { registers: {} } } }) },
  { args: 'check -f input.yaml', input: JSON.stringify(profileOf({ base: BASE }, 'x'.repeat(53))) },
  { args: 'check -f input.yaml', input: JSON.stringify(profileOf({ base: BASE }, 'Fleet_1')) },
  {
    args: 'import --profile Fleet_1 input.yaml',
    input: JSON.stringify({ reg_modifiers: [{ addr: '0x603000000013c030', bitmap: '0b1xxx' }] }),
  },
  { args: 'check -f input.yaml', input: profile({ base: BASE, implementation: { midr: '0x410fd49' } }) },
  { args: 'check -f input.yaml', input: profile({}) },
  {
    args: 'check -f input.yaml',
    input: profile({ base: BASE, registers: [{ register: 'ID_AA64PFR0_EL1' }] }),
  },
  { args: 'diff input.yaml input.yaml', input: '{"guestView": {}}' },
  { args: `check -f input.yaml -f input.yaml --hosts ${V1}`, input: profile({ base: BASE }) },
  { args: `check --hosts ${V1}` },
  { args: 'check fleet' },
  { args: 'check fleet --kubeconfig nowhere.yaml' },
  { args: 'check -f input.yaml', input: ALIASES },
  {
    args: `check -f input.yaml --hosts ${V1}`,
    input: profile({ base: BASE, features: [{ name: 'FEAT_RGN', state: 'Disabled' }] }),
  },
  ...['avx512f', 'nosve', 'sve=off'].map((name) => ({
    args: `compile -f input.yaml --hosts ${V1}`,
    input: profile({ base: BASE, features: [{ name, state: 'Disabled' }] }),
  })),
  {
    args: `compile -f input.yaml --hosts ${V1}`,
    input: profile({ base: { view: { registers: { MIDR_EL1: '0x410fd490', midr: '0x410fd490' } } } }),
  },
  {
    args: `compile -f input.yaml --hosts ${V1}`,
    input: profile({ base: BASE, registers: [{ register: 'ID_AA64ISAR9_EL1', field: 'AES', value: 1 }] }),
  },
  {
    args: `compile -f input.yaml --hosts ${V1}`,
    input: profile({ base: BASE, registers: [{ register: 'ID_AA64ISAR0_EL1', field: 'RNDX', value: 1 }] }),
  },
  {
    args: `compile -f input.yaml --hosts ${V1}`,
    input: profile({ base: BASE, registers: [{ register: 'ID_AA64ISAR0_EL1', field: 'RNDR', value: 16 }] }),
  },
  {
    args: `compile -f input.yaml --hosts ${V1}`,
    input: profile({ base: BASE, registers: [{ register: 'ID_AA64PFR0_EL1', field: 'GIC', value: 1 }] }),
  },
  {
    args: `compile -f input.yaml --hosts ${V1}`,
    input: profile({
      base: BASE,
      features: [
        { name: 'FEAT_AES', state: 'Disabled' },
        { name: 'FEAT_PMULL', state: 'Required' },
      ],
    }),
  },
  {
    args: 'compile -f input.yaml',
    input: profile({
      base: BASE,
      registers: [
        { register: 'ID_AA64ISAR0_EL1', field: 'RNDR', value: 1 },
        { register: 'ID_AA64ISAR0', field: 'rndr', value: 0 },
      ],
    }),
  },
  {
    args: `compile -f input.yaml --hosts ${V1}`,
    input: profile({ base: BASE, implementation: { midr: 'FromBaseline' } }),
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
  {
    args: `compile -f input.yaml --hosts ${V1}`,
    input: profile({ base: { model: { name: 'neoverse-n9-v1' } } }),
  },
  {
    args: `compile -f input.yaml --hosts ${V1}`,
    input: profile({
      base: { model: { name: 'neoverse-n1-v1' } },
      features: [{ name: 'FEAT_RNG', state: 'Required' }],
    }),
  },
  { args: 'check -f input.yaml --hosts folder', input: profile({ base: BASE }) },
  { args: 'check -f input.yaml --hosts input.yaml', input: profile({ base: BASE }) },
  { args: 'baseline --hosts empty.yaml' },
  { args: 'baseline --hosts input.yaml', input: UNPROBED },
  { args: 'baseline --hosts node/worker-1' },
  { args: `baseline --hosts ${V1} ${N1} --tolerate FEAT_FOO` },
  {
    args: 'compile -f input.yaml',
    input: profile({ base: { host: {} }, features: [{ name: 'evtstrm', state: 'Disabled' }] }),
  },
  { args: 'diff input.yaml input.yaml', input: profile({ base: BASE }) },
  { args: 'diff input.yaml input.yaml', input: UNPROBED },
  { args: 'diff input.yaml input.yaml', input: `---\n${UNPROBED}---\n${UNPROBED}` },
  { args: 'diff nowhere.json nowhere.json' },
  { args: 'explain FEAT_RGN' },
  { args: 'explain nowhere.json' },
  { args: 'explain crcc' },
  { args: 'explain avx512f' },
  { args: 'explain sve-max-vq' },
  { args: 'explain evtstrm' },
  { args: 'explain HWCAP_SVE_ELTPERM' },
  { args: 'explain cortex-a72+crcc' },
  { args: 'explain 0x6030000000100042' },
  { args: 'explain 0x6020000000110000' },
  { args: 'explain 0x603000000013d0ff' },
  { args: 'import input.yaml', input: 'MIDR_EL1 = 0x410fd49\n' },
  { args: 'explain FEAT_RNG --host host.json' },
  { args: 'explain ID_AA64ISAR9_EL1' },
  { args: 'explain ID_AA64ISAR0_EL1=12' },
  { args: 'explain input.yaml', input: profile({ base: { nodes: {} } }) },
  { args: 'import input.yaml', input: '{}' },
  { args: 'import input.yaml', input: '{' },
  { args: 'import input.yaml', input: JSON.stringify({ reg_modifiers: [] }) },
  { args: 'import nowhere.json' },
  { args: 'import folder' },
  { args: 'import input.yaml', input: DUMP },
  { args: 'import input.yaml --masks profile.yaml', input: dump() },
  { args: 'import input.yaml --profile fleet', input: dump() },
  { args: 'import input.yaml', input: '' },
  { args: 'import input.yaml', input: 'no registers\n' },
  { args: 'import input.yaml', input: 'formatVersion: 1\n' },
  { args: 'import input.yaml', input: '{"guestView": {}}' },
  { args: 'import input.yaml', input: profile({ base: BASE }) },
  { args: 'import input.yaml', input: `[${DUMP},${DUMP}]` },
  { args: 'import input.yaml', input: dump({ addr: MIDR, bitmap: BITS }) },
  { args: 'import input.yaml', input: dump({ addr: '0x603000000013c020', bitmap: `0b1${BITS.slice(2)}` }) },
  { args: 'import input.yaml', input: '{"cpuid_modifiers":[],"msr_modifiers":[]}' },
  { args: 'import input.yaml', input: 'ID_AA64PFR0_EL1 = 0x1100000011111112\n' },
  { args: 'import input.yaml', input: 'MIDR_EL1 = 0x410fd0c1\nmidr_el1: 0x410fd0c2\n' },
  { args: 'import input.yaml', input: 'MIDR_EL1 = 0x410fd0c1\nSYS_CTR_EL0 0x10000000000000000\n' },
  { args: 'import input.yaml', input: X86_CPUINFO },
  { args: 'import input.yaml', input: ARM_CPUINFO.slice(0, ARM_CPUINFO.indexOf('CPU part')) },
  { args: 'import input.yaml', input: ARM_CPUINFO.replace('0xd03', 'A53') },
  { args: 'import input.yaml', input: LSCPU.replace('aarch64', 'riscv64') },
  { args: 'import input.yaml', input: LSCPU.replace('Neoverse-N1', 'Neoverse-X9') },
  { args: 'import input.yaml', input: LSCPU.slice(0, LSCPU.indexOf('Model name')) },
  { args: 'explain input.yaml', input: ARM_CPUINFO },
  { args: 'baseline --hosts input.yaml', input: dump() },
  { args: 'predict' },
  {
    args: `predict --host ${V1}`,
    stdin: [
      'no json',
      '{"register":"ID_AA64ISAR9_EL1","value":"0x0"}',
      '{"register":"ID_AA64ISAR0_EL1","value":"12"}',
      '{"register":"ID_AA64ISAR0_EL1","value":"0x0","vcpuFeatures":["sme"]}',
      '{"register":"ID_AA64ISAR0_EL1","value":"0x0","vcpuFeatures":["el2"]}',
    ].join('\n'),
  },
  { args: 'predict --kvm' },
  { args: 'predict --kvm --rules-only' },
  { args: 'predict --host input.yaml', input: profile({ base: BASE }) },
  { args: 'export -f input.yaml --format qemu', input: profile({ base: BASE }) },
  {
    args: 'export -f input.yaml --format firecracker',
    input: revision(samplePlan({ requiredFeatures: ['FEAT_NEW9'] })),
  },
  { args: 'chekc' },
]

/** Keeps golden files text, whatever the input was. */
const printable = (text: string): string =>
  Array.from(text, (one) =>
    one < ' ' && one !== '\n' ? `\\x${one.charCodeAt(0).toString(16).padStart(2, '0')}` : one,
  ).join('')

/** The longest fixed part of each message about wrong input. */
const saidIn = (source: string): string[] =>
  [...source.matchAll(/(?:InputError|wrong)\(\s*\[?\s*([`'])((?:\\.|(?!\1)[^\\])*)\1/g)].map(
    ([, , text = '']) => {
      const parts = text
        .replaceAll('\\', '')
        .split(/\$\{[^}]*(?:\}|$)/)
        .map((part) => part.trim())
      return parts.toSorted((a, b) => b.length - a.length)[0] ?? ''
    },
  )

describe('what users are told', () => {
  const folder = mkdtempSync(join(tmpdir(), 'cpufeatures-messages-'))
  before(() => {
    writeFileSync(join(folder, 'empty.yaml'), '')
    writeFileSync(join(folder, 'profile.yaml'), profile({ base: BASE }))
    mkdirSync(join(folder, 'folder'))
  })
  after(() => {
    rmSync(folder, { recursive: true })
  })

  it('is a sentence for every reason that a finding can have', () => {
    const textOf = (one: unknown): string => renderFinding(finding.parse(one))
    const entries = [
      ...Object.entries(PLAN_FINDING_SAMPLES).map(([reason, sample]) => ({
        title: reason,
        text: textOf({ reason, ...sample }),
      })),
      ...Object.entries(REACH_FINDING_SAMPLES).map(([reason, sample]) => ({
        title: `${reason}, of two hosts`,
        text: textOf({ reason, ...sample }),
      })),
    ]
    assertGolden('findings.txt', entries)
  })

  it('is what is wrong, where, and what to do, for every mistake in what was given', () => {
    const plain = (text: string): string => text.replaceAll(root, '')
    const entries = MISTAKES.map(({ args, input = '', stdin = '' }) => {
      writeFileSync(join(folder, 'input.yaml'), input)
      const { status, stdout, stderr } = spawnSync(process.execPath, [builtBundle(), ...args.split(' ')], {
        cwd: folder,
        encoding: 'utf8',
        input: stdin,
        env: { PATH: process.env['PATH'], HOME: folder },
      })
      assert.notEqual(status, 0, args)
      const given = [input, stdin].map((text) =>
        text.trim() === '' ? '' : `\n   ${printable(text.trim()).replaceAll('\n', '\n   ')}`,
      )
      const title = `${plain(args)} (ends with ${status ?? 'a signal'})${given.join('')}`
      return { title, text: plain(`${stdout}${stderr}`) }
    })
    assertGolden('input-errors.txt', entries)
  })

  it('is in those files for every mistake that the command line can be told of', () => {
    const golden = ['input-errors.txt', 'cluster-errors.txt', 'cluster-empty.txt']
      .map((name) => readFileSync(join(root, 'test/golden', name), 'utf8'))
      .join('')
    const sources = globSync('src/cli/**/*.ts', { cwd: root })
    const unread = sources.flatMap((file) =>
      saidIn(readFileSync(join(root, file), 'utf8'))
        .filter((text) => !golden.includes(text))
        .map((text) => `${file}: ${text}`),
    )
    assert.deepEqual(unread, [])
    assert.ok(sources.length > 30)
  })
})
