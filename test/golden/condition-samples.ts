import { cpuFeatureProfileSpec } from '../../src/api/cpu-feature-profile.ts'
import type { CpuFeatureProfileSpecInput } from '../../src/api/cpu-feature-profile.ts'
import { compileStored } from '../../src/controller/reconcilers/profile/compile-stored.ts'
import { compileProfile } from '../../src/profile/compile-profile.ts'
import type { CompileInput, CompileResult } from '../../src/profile/compile-result.ts'
import { ALL_REPORTED } from '../../src/profile/baseline/unreported-nodes.ts'
import { N1, V1 } from '../fixtures/compile-input.ts'

const compile = (
  spec: Partial<CpuFeatureProfileSpecInput>,
  more: Omit<CompileInput, 'spec'> = { hosts: [V1] },
): CompileResult =>
  compileProfile({ spec: cpuFeatureProfileSpec.parse({ base: { host: {} }, ...spec }), ...more })

const field = (register: string, name: string, value: number): Partial<CpuFeatureProfileSpecInput> => ({
  registers: [{ register, field: name, value }],
})

const nodes = (input: object = {}): CpuFeatureProfileSpecInput['base'] => ({ nodes: input })

/** A baseline that rests on FEAT_IDST, which is no longer tolerated. */
const notTolerated = (): CompileResult => {
  const taken = compile({ base: nodes(), tolerate: { features: ['FEAT_IDST'] } }, { hosts: [V1, N1] })
  if (taken.kind !== 'compiled' || taken.baseline === undefined) return taken
  return compile({ base: nodes() }, { hosts: [V1, N1], previousBaseline: taken.baseline })
}

/** What compiling says for every reason it can have. */
export const COMPILED: Readonly<Record<string, () => CompileResult>> = {
  UnknownKey: () =>
    compileStored({
      profile: {
        apiVersion: 'cpufeatures.dev/v1alpha1',
        kind: 'CpuFeatureProfile',
        metadata: { name: 'fleet' },
        spec: { ...cpuFeatureProfileSpec.parse({ base: { host: {} } }), ...{ topology: 'Flat' } },
      },
      classes: [],
      selection: { perClass: new Map() },
      unreported: ALL_REPORTED,
      kept: undefined,
    }),
  UnknownVersion: () => compile({ base: { architecture: { version: 'v9.9-A' } } }),
  UnknownFeature: () => compile({ features: [{ name: 'FEAT_RGN', state: 'Disabled' }] }),
  UnknownModel: () => compile({ base: { model: { name: 'neoverse-n9-v1' } } }),
  UnknownRegister: () => compile(field('ID_AA64ISAR9_EL1', 'AES', 1)),
  UnknownField: () => compile(field('ID_AA64ISAR0_EL1', 'RNDX', 1)),
  NotSpecifiable: () => compile(field('ID_AA64PFR0_EL1', 'GIC', 1)),
  ValueTooWide: () => compile(field('ID_AA64ISAR0_EL1', 'RNDR', 16)),
  ContradictingEntries: () =>
    compile({
      features: [
        { name: 'FEAT_AES', state: 'Disabled' },
        { name: 'FEAT_PMULL', state: 'Required' },
      ],
    }),
  NoBaselineToTakeFrom: () => compile({ implementation: { midr: 'FromBaseline' } }),
  WaitingForNodes: () =>
    compile({ base: nodes() }, { hosts: [V1], unreported: { waitedFor: ['n2', 'n3'], silent: [] } }),
  NoCommonView: () => compile({ base: nodes() }, { hosts: [V1, N1] }),
  BaselineTooLow: () =>
    compile({
      base: { model: { name: 'neoverse-n1-v1' } },
      features: [{ name: 'FEAT_RNG', state: 'Required' }],
    }),
  NoMember: () => compile({ base: nodes(), vcpuFeatures: { sve: 'Required' } }, { hosts: [N1] }),
  NotTolerated: notTolerated,
}

/** A profile that compiles. */
export const COMPILES = compile({})
