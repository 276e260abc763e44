import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { readMasks, withoutAArch32 } from '../../test/fixtures/views/read-masks.ts'
import { readView } from '../../test/fixtures/views/read-view.ts'
import { setField } from '../arm64/field.ts'
import { FEATURE_ID_REGISTERS, fieldByName, registerByName } from '../arm64/register.ts'
import { greatestCommonValue, showableValues } from './greatest-common-value.ts'
import { predictWrite } from './predict-write.ts'
import { NO_TRIALS } from './trial-results.ts'
import type { Field } from '../arm64/field.ts'
import type { PredictionHost } from './prediction-host.ts'

const host = (
  name: Parameters<typeof readView>[0],
  kernel: Parameters<typeof readMasks>[0] = '6.18.15',
): PredictionHost => ({
  limitView: readView(name),
  masks: name === 'neoverse-v2-6.18' ? withoutAArch32(readMasks(kernel)) : readMasks(kernel),
  implementationIdWritable: false,
  vcpuFeatures: [],
  trials: NO_TRIALS,
})

const N1 = host('neoverse-n1-6.18')
const V1 = host('neoverse-v1-6.18')
const V2 = host('neoverse-v2-6.18')

const common = (register: string, field: string, hosts: readonly PredictionHost[]) => {
  const owner = registerByName(register) ?? assert.fail(register)
  return greatestCommonValue(owner, fieldByName(owner, field) ?? assert.fail(field), hosts)
}

const LEVELABLE = FEATURE_ID_REGISTERS.filter(({ op1, crm }) => op1 === 0 && crm >= 1)

const everyField = (visit: (register: (typeof LEVELABLE)[number], field: Field) => void): void => {
  for (const register of LEVELABLE) for (const field of register.fields) visit(register, field)
}

describe('the greatest common value of a field', () => {
  it('is shown by every host, and does not depend on their order', () => {
    const pairs = [
      [N1, V1],
      [N1, V2],
      [V1, V2],
      [V1, V1],
    ] as const
    everyField((register, field) => {
      for (const [a, b] of pairs) {
        const result = greatestCommonValue(register, field, [a, b])
        const reversed = greatestCommonValue(register, field, [b, a])
        assert.equal(result.kind, reversed.kind)
        if (result.kind === 'none' || reversed.kind === 'none') continue
        assert.equal(result.value, reversed.value)
        for (const one of [a, b]) {
          const value = setField(one.limitView.get(register.name) ?? 0n, field, result.value)
          assert.equal(
            predictWrite(one, register.name, value).verdict,
            'accepted',
            `${register.name}.${field.name}`,
          )
        }
      }
    })
  })

  it('of two hosts of which one can show both is the lower', () => {
    assert.deepEqual(common('ID_AA64ISAR0_EL1', 'SM4', [V1, V2]), { kind: 'value', value: 0 })
    assert.deepEqual(common('ID_AA64ISAR0_EL1', 'FHM', [N1, V1]), { kind: 'value', value: 0 })
  })

  it('can be the value of neither: stage 2 granules meet at not supported', () => {
    assert.deepEqual(common('ID_AA64MMFR0_EL1', 'TGRAN4_2', [V1, V2]), { kind: 'value', value: 1 })
  })

  it('can be above 0 by its number: an absent DoubleLock is 0xf', () => {
    assert.deepEqual(common('ID_AA64DFR0_EL1', 'DoubleLock', [N1, V1]), { kind: 'value', value: 15 })
  })

  it('does not exist where a field that differs is not writable, and says what each host can show', () => {
    assert.deepEqual(common('ID_AA64MMFR2_EL1', 'EVT', [V1, V2]), { kind: 'value', value: 2 })
    assert.deepEqual(common('ID_AA64MMFR2_EL1', 'IDS', [N1, V1]), {
      kind: 'none',
      why: 'NotWritable',
      limits: [0, 1],
      showable: [[0], [1]],
    })
  })

  it('is a value the architecture names: without the lower one, the next below that means something', () => {
    const isar0 = V1.limitView.get('ID_AA64ISAR0_EL1') ?? 0n
    const atomic = (raw: bigint): bigint => (isar0 & ~(0xfn << 20n)) | (raw << 20n)
    const richer: PredictionHost = {
      ...V1,
      limitView: new Map(V1.limitView).set('ID_AA64ISAR0_EL1', atomic(3n)),
      trials: {
        complete: true,
        byRegister: new Map([
          [
            'ID_AA64ISAR0_EL1',
            {
              byValue: new Map(),
              byField: new Map([['ATOMIC', new Map([[2, { errno: 'EINVAL' }]])]]),
              text: '',
            },
          ],
        ]),
      },
    }
    assert.deepEqual(common('ID_AA64ISAR0_EL1', 'ATOMIC', [V1, richer]), { kind: 'value', value: 0 })
  })

  it("is the first host's own where KVM has no rule and takes anything", () => {
    const clidr = (value: bigint): PredictionHost => ({
      ...V1,
      limitView: new Map(V1.limitView).set('CLIDR_EL1', value),
    })
    assert.deepEqual(common('CLIDR_EL1', 'Ctype1', [clidr(3n), clidr(4n)]), { kind: 'value', value: 3 })
    assert.deepEqual(common('CLIDR_EL1', 'Ctype1', [clidr(4n), clidr(3n)]), { kind: 'value', value: 4 })
  })

  it('does not exist where one host has not the register', () => {
    const bare: PredictionHost = { ...V1, limitView: new Map() }
    assert.deepEqual(common('ID_AA64ISAR0_EL1', 'AES', [V1, bare]), {
      kind: 'none',
      why: 'Hidden',
      limits: [2, undefined],
      showable: [],
    })
  })
})

describe('levelling two hosts by writing alone', () => {
  const blocked = (a: PredictionHost, b: PredictionHost): readonly string[] => {
    const names: string[] = []
    everyField((register, field) => {
      if (greatestCommonValue(register, field, [a, b]).kind === 'none') names.push(field.name)
    })
    return names.sort()
  }

  it('works for Neoverse V1 and V2 on 6.18 in AArch64, not on the masks of 6.12', () => {
    // V2 has no AArch32: ID_DFR0 reads zero there, which KVM takes nowhere else. Without AArch32 the guest does not look.
    assert.deepEqual(blocked(V1, V2), ['CopDbg'])
    const older = [host('neoverse-v1-6.18', '6.12.95'), host('neoverse-v2-6.18', '6.12.95')] as const
    assert.ok(blocked(...older).includes('TGRAN4_2'))
  })

  it('never works for Neoverse N1 with V1: three fields of MMFR2 are fixed', () => {
    assert.deepEqual(blocked(N1, V1), ['EVT', 'FWB', 'IDS'])
  })
})

describe('the values a host can show', () => {
  it('are all safe ones of a writable field and the limit alone of another', () => {
    const values = (register: string, field: string) => {
      const owner = registerByName(register) ?? assert.fail(register)
      return showableValues(V1, owner, fieldByName(owner, field) ?? assert.fail(field))
    }
    assert.deepEqual(values('ID_AA64ISAR0_EL1', 'AES'), [0, 1, 2])
    assert.deepEqual(values('ID_AA64MMFR2_EL1', 'IDS'), [1])
    assert.deepEqual(values('ID_AA64DFR0_EL1', 'DebugVer'), [6, 7, 8, 9])
    // KVM of 6.18 takes 8..14 too.
    assert.deepEqual(values('ID_AA64DFR0_EL1', 'PMUVer'), [0])
  })
})
