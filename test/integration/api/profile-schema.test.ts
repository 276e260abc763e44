import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import { join } from 'node:path'
import { readdirSync, readFileSync } from 'node:fs'
import { LAB_PATHS } from '../../harness/lab-paths.ts'
import { installedApi, type InstalledApi } from './installed-api.ts'

const profile = (spec: object, name = 'refused'): object => ({
  apiVersion: 'cpufeatures.dev/v1alpha1',
  kind: 'CpuFeatureProfile',
  metadata: { name },
  spec,
})
const HOST = { host: {} }

const revision = (enforcement: string): object => ({
  apiVersion: 'cpufeatures.dev/v1alpha1',
  kind: 'CpuFeatureProfileRevision',
  metadata: { name: 'fleet-0123456789' },
  spec: {
    formatVersion: 1,
    enforcement,
    registers: [{ register: 'ID_AA64ISAR0_EL1', mask: '0xf000000000000000', value: '0x0' }],
    firmwareRegisters: [],
    vcpuFeatures: { sve: 'Disabled' },
    registerList: { exclude: [] },
    untrapped: {},
    tolerated: [],
  },
})

describe('the API server and the CRDs', () => {
  let api: InstalledApi
  before(async () => {
    api = await installedApi()
  })

  const refused: Record<string, [object, RegExp]> = {
    'a profile without a base': [profile({}), /spec\.base: Required value/],
    'a base that names none of the kinds': [
      profile({ base: {} }),
      /spec\.base: Invalid value: exactly one of host, nodes, view, architecture, model must be set/,
    ],
    'two bases at once': [
      profile({ base: { host: {}, nodes: {} } }),
      /spec\.base: Invalid value: exactly one of/,
    ],
    'an unknown base': [profile({ base: { ...HOST, cluster: {} } }), /unknown field "spec\.base\.cluster"/],
    'a feature named twice': [
      profile({
        base: HOST,
        features: [
          { name: 'FEAT_RNG', state: 'Disabled' },
          { name: 'FEAT_RNG', state: 'Required' },
        ],
      }),
      /spec\.features\[1\]: Duplicate value: \{"name":"FEAT_RNG"\}/,
    ],
    'a state there is not': [
      profile({ base: HOST, features: [{ name: 'FEAT_RNG', state: 'Off' }] }),
      /spec\.features\[0\]\.state: Unsupported value: "Off": supported values: "Disabled", "Required"/,
    ],
    'a feature name with a space': [
      profile({ base: HOST, features: [{ name: 'FEAT RNG', state: 'Disabled' }] }),
      /spec\.features\[0\]\.name: Invalid value/,
    ],
    'a field named twice': [
      profile({
        base: HOST,
        registers: [
          { register: 'ID_AA64MMFR0_EL1', field: 'PARANGE', value: 1 },
          { register: 'ID_AA64MMFR0_EL1', field: 'PARANGE', value: 2 },
        ],
      }),
      /spec\.registers\[1\]: Duplicate value/,
    ],
    'a negative field value': [
      profile({ base: HOST, registers: [{ register: 'ID_AA64MMFR0_EL1', field: 'PARANGE', value: -1 }] }),
      /spec\.registers\[0\]\.value: Invalid value/,
    ],
    'a field value that is not a hexadecimal number': [
      profile({ base: HOST, registers: [{ register: 'ID_AA64MMFR0_EL1', field: 'PARANGE', value: 'two' }] }),
      /spec\.registers\[0\]\.value: Invalid value: "two"/,
    ],
    'a MIDR of more than 32 bits': [
      profile({ base: HOST, implementation: { midr: '0x1410fd490' } }),
      /spec\.implementation\.midr: Invalid value/,
    ],
    'a MIDR by a name': [
      profile({ base: HOST, implementation: { midr: 'neoverse-v1' } }),
      /spec\.implementation\.midr: Invalid value: "neoverse-v1"/,
    ],
    'a register value without 0x': [
      profile({ base: { view: { registers: { ID_AA64ISAR0_EL1: '1011' } } } }),
      /spec\.base\.view\.registers\.ID_AA64ISAR0_EL1: Invalid value: "1011"/,
    ],
    'a selector with values where none belong': [
      profile({
        base: {
          nodes: { selector: { matchExpressions: [{ key: 'pool', operator: 'Exists', values: ['a'] }] } },
        },
      }),
      /spec\.base\.nodes\.selector\.matchExpressions\[0\]\.values: Invalid value: In and NotIn need values/,
    ],
    'no node to take the baseline from': [
      profile({ base: { nodes: { minNodes: 0 } } }),
      /spec\.base\.nodes\.minNodes: Invalid value: 0/,
    ],
    'an architecture version that is none': [
      profile({ base: { architecture: { version: '8.4' } } }),
      /spec\.base\.architecture\.version: Invalid value: "8\.4"/,
    ],
    'a name that leaves no room for the hash of a revision': [
      profile({ base: HOST }, 'a'.repeat(53)),
      /metadata\.name: Too long: may not be more than 52/,
    ],
    'a tolerated feature named twice': [
      profile({ base: HOST, tolerate: { features: ['FEAT_IDST', 'FEAT_IDST'] } }),
      /spec\.tolerate\.features\[1\]: Duplicate value: "FEAT_IDST"/,
    ],
  }
  for (const [what, [object, message]] of Object.entries(refused)) {
    it(`refuse ${what}, and name the field`, async () => {
      assert.match(await api.refusal(object), message)
    })
  }

  it('take a name of 52 characters and fill in what the profile leaves out', async () => {
    const name = 'a'.repeat(52)
    await api.apply(profile({ base: { nodes: {} } }, name))
    const made = JSON.parse(await api.controlPlane.kubectl(['get', 'cfp', name, '-o', 'json'])) as {
      spec: unknown
    }
    assert.deepEqual(made.spec, {
      base: { nodes: { selector: {}, minNodes: 1, onNewNode: 'Exclude', generation: 1 } },
      enforcement: 'Strict',
    })
  })

  it('let the generation of a baseline rise, and never fall', async () => {
    const bases = {
      nodes: (generation: number) => ({ nodes: { generation } }),
      architecture: (generation: number) => ({ architecture: { version: 'v8.2-A', generation } }),
    }
    for (const [kind, base] of Object.entries(bases)) {
      const withGeneration = (generation: number): object =>
        profile({ base: base(generation) }, `generations-${kind}`)
      await api.apply(withGeneration(2))
      await api.apply(withGeneration(3))
      const place = String.raw`spec\.base\.${kind}\.generation`
      assert.match(
        await api.refusal(withGeneration(2)),
        new RegExp(`${place}: Invalid value: 2: must not fall`),
      )
    }
  })

  it('take a revision once, and refuse every change of its spec', async () => {
    await api.apply(revision('Strict'))
    assert.match(await api.refusal(revision('BestEffort')), /spec: Invalid value: a revision is immutable/)
  })

  it('keep status and spec apart: a write of the one leaves the other as it is', async () => {
    const { kubectl } = api.controlPlane
    await api.apply(profile({ base: HOST }, 'parts'))
    const merge = (patch: object, ...where: string[]): Promise<string> =>
      kubectl(['patch', 'cfp', 'parts', '--type=merge', '-p', JSON.stringify(patch), ...where])
    const both = {
      spec: { enforcement: 'BestEffort' },
      status: { nodes: { total: 2, compatible: 1, summary: '1/2' } },
    }
    const shown = ['get', 'cfp', 'parts', '-o', 'jsonpath={.spec.enforcement} {.status.nodes.summary}']
    await merge(both, '--subresource=status')
    assert.equal(await kubectl(shown), 'Strict 1/2')
    await merge({ ...both, status: { nodes: { total: 2, compatible: 2, summary: '2/2' } } })
    assert.equal(await kubectl(shown), 'BestEffort 1/2')
  })

  it('show a profile in the words of its conditions', async () => {
    const { kubectl } = api.controlPlane
    await api.apply(profile({ base: HOST }, 'shown'))
    const condition = {
      type: 'Schedulable',
      status: 'True',
      reason: 'NodesFit',
      message: 'Two fit.',
      lastTransitionTime: '2026-01-01T00:00:00Z',
    }
    const status = {
      conditions: [condition],
      currentRevision: 'shown-0123456789',
      nodes: { total: 3, compatible: 2, summary: '2/3' },
    }
    await kubectl([
      ...['patch', 'cfp', 'shown', '--type=merge', '--subresource=status'],
      ...['-p', JSON.stringify({ status })],
    ])
    assert.match(await kubectl(['get', 'cfp', 'shown']), /shown +True +NodesFit +2\/3 +shown-0123456789 +/)
    assert.match(await kubectl(['get', 'cpufeatures']), /cpufeatureprofile\.cpufeatures\.dev\/shown/)
  })

  it('explain every field they have', async () => {
    const { kubectl } = api.controlPlane
    assert.match(await kubectl(['explain', 'cfp']), /The CPU that VMs see, described once per fleet/)
    assert.match(
      await kubectl(['explain', 'cfp.spec.base']),
      /nodes\t<Object>\n +The greatest guest view that these nodes/,
    )
    assert.match(
      await kubectl(['explain', 'cfpr.spec']),
      /registers\t<\[\]Object> -required-\n +ID registers/,
    )
    assert.match(
      await kubectl(['explain', 'ncf.status.host']),
      /guestView\t<map\[string\]string> -required-\n +Every/,
    )
    const everything = await kubectl(['explain', 'cfp', '--recursive'])
    assert.match(everything, /onNewNode\t<string>/)
  })

  it('keep the document of every real host as it was measured', async () => {
    const { kubectl } = api.controlPlane
    const folder = join(LAB_PATHS.root, 'test/fixtures/hosts')
    const files = readdirSync(folder).filter((file) => file.endsWith('.json'))
    assert.notEqual(files.length, 0)
    for (const file of files) {
      const name = file.replace('.json', '').replaceAll('_', '-')
      const ncf = { apiVersion: 'cpufeatures.dev/v1alpha1', kind: 'NodeCpuFeatures', metadata: { name } }
      const host: unknown = JSON.parse(readFileSync(join(folder, file), 'utf8'))
      await api.apply(ncf)
      await kubectl(
        ['apply', '--server-side', '--subresource=status', '-f', '-'],
        JSON.stringify({ ...ncf, status: { host } }),
      )
      const kept = JSON.parse(await kubectl(['get', 'ncf', name, '-o', 'json'])) as {
        status: { host: unknown }
      }
      assert.deepEqual(kept.status.host, host)
    }
  })

  it('take every example of deploy/examples', async () => {
    const folder = join(LAB_PATHS.root, 'deploy/examples')
    const files = readdirSync(folder)
    assert.notEqual(files.length, 0)
    for (const file of files) await api.controlPlane.kubectl(['apply', '-f', join(folder, file)])
  })

  it('take all of deploy/ as a whole', async () => {
    await api.controlPlane.kubectl(['apply', '-k', join(LAB_PATHS.root, 'deploy')])
  })
})
