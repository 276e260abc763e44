import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { readMasks, withoutAArch32 } from '../../test/fixtures/views/read-masks.ts'
import { readView } from '../../test/fixtures/views/read-view.ts'
import { getField, setField } from '../arm64/field.ts'
import { fieldByName, registerByName } from '../arm64/register.ts'
import { predictWrite } from './predict-write.ts'
import { NO_TRIALS, trialResults } from './trial-results.ts'
import type { PredictionHost } from './prediction-host.ts'
import type { WriteVerdict } from './verdict.ts'

const host = (changes: Partial<PredictionHost> = {}): PredictionHost => ({
  limitView: readView('neoverse-v1-6.18'),
  masks: readMasks('6.18.15'),
  implementationIdWritable: false,
  vcpuFeatures: [],
  trials: NO_TRIALS,
  ...changes,
})

const OLDER = host({ masks: readMasks('6.12.95') })

/** The verdict where the host's own value has these fields changed. */
const verdict = (
  on: PredictionHost,
  register: string,
  fields: Readonly<Record<string, number>>,
): WriteVerdict => {
  const owner = registerByName(register) ?? assert.fail(register)
  let value = on.limitView.get(owner.name) ?? assert.fail(register)
  for (const [name, raw] of Object.entries(fields)) {
    value = setField(value, fieldByName(owner, name) ?? assert.fail(name), raw)
  }
  return predictWrite(on, register, value)
}

const ACCEPTED: WriteVerdict = { verdict: 'accepted' }

const refused = (rule: string, field?: string) => ({
  verdict: 'refused',
  rule,
  errno: 'EINVAL',
  ...(field !== undefined && { field }),
})

describe("a write of the host's own value", () => {
  it('is accepted, whatever the register', () => {
    for (const one of [host(), OLDER]) {
      for (const [name, value] of one.limitView)
        assert.deepEqual(predictWrite(one, name, value), ACCEPTED, name)
    }
  })
})

describe('a write to a writable field', () => {
  it('is accepted where the value is safe, several fields at once too', () => {
    assert.deepEqual(verdict(host(), 'ID_AA64ISAR0_EL1', { RNDR: 0, SM4: 0, AES: 1 }), ACCEPTED)
    assert.deepEqual(verdict(host(), 'S3_0_C0_C6_0', { RNDR: 0 }), ACCEPTED)
  })

  it('is refused where it is above the limit, naming the field', () => {
    assert.deepEqual(verdict(host(), 'ID_AA64ISAR0_EL1', { TLB: 1 }), refused('FieldRule', 'TLB'))
    assert.deepEqual(verdict(host(), 'ID_AA64ISAR0_EL1', { RNDR: 0, AES: 3 }), refused('FieldRule', 'AES'))
  })

  it('follows the exact rule: stage 2 granules may be the limit or not supported, where the mask has them', () => {
    assert.deepEqual(verdict(host(), 'ID_AA64MMFR0_EL1', { TGRAN4_2: 1 }), ACCEPTED)
    assert.deepEqual(verdict(host(), 'ID_AA64MMFR0_EL1', { TGRAN4_2: 2 }), refused('FieldRule', 'TGRAN4_2'))
    assert.deepEqual(verdict(OLDER, 'ID_AA64MMFR0_EL1', { TGRAN4_2: 1 }), refused('Limit', 'TGRAN4_2'))
  })
})

describe('a write to what must equal the limit', () => {
  it('is refused: fields outside the mask, fields without a rule, reserved bits', () => {
    assert.deepEqual(verdict(host(), 'ID_AA64MMFR2_EL1', { IDS: 0 }), refused('Limit', 'IDS'))
    assert.deepEqual(verdict(host(), 'ID_AA64ISAR0_EL1', { TME: 1 }), refused('Limit', 'TME'))
    const isar0 = host().limitView.get('ID_AA64ISAR0_EL1') ?? 0n
    assert.deepEqual(predictWrite(host(), 'ID_AA64ISAR0_EL1', isar0 | 1n), refused('Limit'))
  })

  it('is refused in registers that read as zero, and the others are no registers', () => {
    assert.deepEqual(predictWrite(host(), 'S3_0_C0_C3_3', 1n), refused('ReadsAsZero'))
    for (const name of ['DCZID_EL0', 'MPIDR_EL1', 'SCTLR_EL1']) {
      assert.deepEqual(predictWrite(host(), name, 0n), {
        verdict: 'refused',
        rule: 'Unlisted',
        errno: 'ENOENT',
      })
    }
  })
})

describe('the registers with a function of their own', () => {
  it('have no debug architecture below Armv8', () => {
    assert.deepEqual(verdict(host(), 'ID_AA64DFR0_EL1', { DebugVer: 6 }), ACCEPTED)
    assert.deepEqual(verdict(host(), 'ID_AA64DFR0_EL1', { DebugVer: 5 }), refused('DebugVersion', 'DebugVer'))
    assert.deepEqual(verdict(host(), 'ID_DFR0_EL1', { CopDbg: 0 }), refused('DebugVersion', 'CopDbg'))
  })

  it('keep an implementation defined PMU as none', () => {
    const limit = host().limitView.get('ID_AA64DFR0_EL1') ?? 0n
    assert.deepEqual(verdict(host(), 'ID_AA64DFR0_EL1', { PMUVer: 15 }), {
      verdict: 'stored-as',
      stored: limit,
      rule: 'PmuVersion',
    })
    assert.deepEqual(verdict(host(), 'ID_DFR0_EL1', { PerfMon: 2 }), refused('PmuVersion', 'PerfMon'))
  })

  it("read the PMU's version as signed where KVM does: above 7 it passes for none", () => {
    const newer = host({ masks: readMasks('7.3.4') })
    assert.deepEqual(verdict(host(), 'ID_AA64DFR0_EL1', { PMUVer: 8 }), ACCEPTED)
    for (const one of [OLDER, newer]) {
      assert.deepEqual(verdict(one, 'ID_AA64DFR0_EL1', { PMUVer: 8 }), refused('FieldRule', 'PMUVer'))
    }
  })

  it('keep AArch64 at EL0 and EL1 on newer kernels, and AArch32 may go on all', () => {
    assert.deepEqual(verdict(host(), 'ID_AA64PFR0_EL1', { EL0: 0 }), refused('ExceptionLevel', 'EL0'))
    assert.deepEqual(verdict(OLDER, 'ID_AA64PFR0_EL1', { EL0: 0 }), ACCEPTED)
    assert.deepEqual(verdict(host(), 'ID_AA64PFR0_EL1', { EL0: 1, EL2: 0, EL3: 0 }), ACCEPTED)
  })

  it('keep the MTE_frac of a CPU without asynchronous tag checks, which older kernels did not show', () => {
    const limit = 0xf00_0000_0221n
    const tagged = host({
      limitView: new Map([...host().limitView, ['ID_AA64PFR1_EL1', limit]]),
      vcpuFeatures: ['mte'],
    })
    assert.deepEqual(predictWrite(tagged, 'ID_AA64PFR1_EL1', 0x221n), {
      verdict: 'stored-as',
      stored: limit,
      rule: 'TagChecks',
    })
    assert.deepEqual(predictWrite(tagged, 'ID_AA64PFR1_EL1', limit), ACCEPTED)
    assert.equal(predictWrite(tagged, 'ID_AA64PFR1_EL1', 0x100_0000_0221n).verdict, 'refused')
    // With MTE3 the field is not about asynchronous checks, and KVM lets it differ as little as any other.
    const mte3 = host({
      limitView: new Map([...host().limitView, ['ID_AA64PFR1_EL1', 0xf00_0000_0321n]]),
      vcpuFeatures: ['mte'],
    })
    assert.equal(predictWrite(mte3, 'ID_AA64PFR1_EL1', 0x321n).verdict, 'refused')
  })

  it('take the NV of their own CPU for none, as a guest from an older kernel brings it; for a CPU that nobody knows it is unknown', () => {
    const of = (midr: bigint | undefined, nv: number): WriteVerdict =>
      verdict(host({ midr }), 'ID_AA64MMFR2_EL1', { NV: nv })
    const [v1, n1, v2] = [0x411f_d402n, 0x414f_d0c1n, 0x410f_d4f1n]
    const stored = host().limitView.get('ID_AA64MMFR2_EL1') ?? assert.fail()
    assert.deepEqual(of(v1, 2), { verdict: 'stored-as', stored, rule: 'NestedVirtualization' })
    assert.deepEqual(of(v1, 1), refused('Limit', 'NV'))
    assert.deepEqual(of(n1, 2), refused('Limit', 'NV'))
    for (const unknown of [v2, undefined]) {
      assert.deepEqual(of(unknown, 2), { verdict: 'unknown' })
      assert.deepEqual(of(unknown, 3), refused('Limit', 'NV'))
    }
  })

  it('take another implementation ID only with the capability, and within the mask', () => {
    const writable = host({ implementationIdWritable: true })
    assert.deepEqual(predictWrite(writable, 'MIDR_EL1', 0x414f_d0c1n), ACCEPTED)
    assert.deepEqual(predictWrite(writable, 'MIDR_EL1', 1n << 32n), refused('ImplementationId'))
    assert.deepEqual(predictWrite(writable, 'REVIDR_EL1', 2n ** 64n - 1n), ACCEPTED)
    assert.deepEqual(predictWrite(host(), 'MIDR_EL1', 0x414f_d0c1n), refused('ImplementationId'))
  })

  it('take any caches that do not spare the guest the maintenance this host needs', () => {
    const clidr = (loc: number, louis: number): bigint => (BigInt(loc) << 24n) | (BigInt(louis) << 21n)
    assert.equal(
      getField(
        host().limitView.get('CTR_EL0') ?? 0n,
        fieldByName(registerByName('CTR_EL0') ?? assert.fail(), 'IDC') ?? assert.fail(),
      ),
      1,
    )
    assert.deepEqual(predictWrite(host(), 'CLIDR_EL1', clidr(0, 0)), ACCEPTED)
    const needy = host({ limitView: new Map(host().limitView).set('CTR_EL0', 0x8444_c004n) })
    assert.deepEqual(predictWrite(needy, 'CLIDR_EL1', clidr(0, 1)), refused('CacheLevels', 'LoC'))
    assert.deepEqual(predictWrite(needy, 'CLIDR_EL1', clidr(2, 0)), refused('CacheLevels', 'LoUU'))
    assert.deepEqual(predictWrite(needy, 'CLIDR_EL1', clidr(2, 1)), ACCEPTED)
    assert.deepEqual(predictWrite(host(), 'CLIDR_EL1', 1n << 47n), refused('CacheLevels'))
  })

  it('take a virtually indexed instruction cache for a physically indexed one, and no other kind', () => {
    assert.deepEqual(verdict(host(), 'CTR_EL0', { L1Ip: 2 }), ACCEPTED)
    assert.deepEqual(verdict(host(), 'CTR_EL0', { L1Ip: 1 }), refused('CacheType', 'L1Ip'))
    assert.deepEqual(verdict(OLDER, 'CTR_EL0', { L1Ip: 2 }), refused('Limit', 'L1Ip'))
  })
})

describe('AArch32 registers of a host without AArch32', () => {
  const without = host({
    limitView: readView('neoverse-v2-6.18'),
    masks: withoutAArch32(readMasks('6.18.15')),
  })

  it('swallow every value', () => {
    assert.deepEqual(predictWrite(without, 'ID_DFR0_EL1', 0x3010066n), {
      verdict: 'stored-as',
      stored: 0n,
      rule: 'WriteIgnored',
    })
    assert.deepEqual(predictWrite(without, 'ID_DFR0_EL1', 0n), ACCEPTED)
  })

  it("show the PMU's version nonetheless, and keep it", () => {
    const withPmu = { ...without, limitView: new Map(without.limitView).set('ID_DFR0_EL1', 0x400_0000n) }
    assert.deepEqual(predictWrite(withPmu, 'ID_DFR0_EL1', 0n), {
      verdict: 'stored-as',
      stored: 0x400_0000n,
      rule: 'WriteIgnored',
    })
  })

  it('but for the hidden ones, which are zero everywhere', () => {
    assert.deepEqual(predictWrite(without, 'ID_AFR0_EL1', 1n).verdict, 'refused')
  })
})

describe('what was tried on the host', () => {
  const view = host().limitView
  const isar0 = view.get('ID_AA64ISAR0_EL1') ?? 0n
  const rndr = 0xfn << 60n
  const tried = (deviation: { readonly value: bigint; readonly stored?: bigint; readonly errno?: string }) =>
    host({
      trials: trialResults(
        [
          {
            vcpuFeatures: [],
            register: 'ID_AA64ISAR0_EL1',
            value: `0x${deviation.value.toString(16)}`,
            ...(deviation.stored !== undefined && { stored: `0x${deviation.stored.toString(16)}` }),
            ...(deviation.errno !== undefined && { errno: deviation.errno }),
          },
        ],
        view,
        true,
      ),
    })

  it('decides over the rules, for the very value and for the field in other values', () => {
    const on = tried({ value: isar0 & ~rndr, errno: 'EINVAL' })
    assert.deepEqual(verdict(on, 'ID_AA64ISAR0_EL1', { RNDR: 0 }), refused('Trial'))
    assert.deepEqual(verdict(on, 'ID_AA64ISAR0_EL1', { RNDR: 0, AES: 1 }), refused('Trial', 'RNDR'))
    assert.deepEqual(verdict(on, 'ID_AA64ISAR0_EL1', { AES: 1 }), ACCEPTED)
  })

  it('says nothing of single fields where several were changed at once', () => {
    const both = isar0 & ~rndr & ~0xf0n
    const on = tried({ value: both, errno: 'EINVAL' })
    assert.deepEqual(predictWrite(on, 'ID_AA64ISAR0_EL1', both), refused('Trial'))
    assert.deepEqual(verdict(on, 'ID_AA64ISAR0_EL1', { RNDR: 0 }), ACCEPTED)
    assert.deepEqual(verdict(on, 'ID_AA64ISAR0_EL1', { AES: 0 }), ACCEPTED)
  })

  it('says what KVM keeps, while the other fields go by the rules', () => {
    const on = tried({ value: isar0 | rndr, stored: isar0 })
    assert.deepEqual(verdict(on, 'ID_AA64ISAR0_EL1', { RNDR: 15 }), {
      verdict: 'stored-as',
      stored: isar0,
      rule: 'Trial',
    })
    assert.deepEqual(verdict(on, 'ID_AA64ISAR0_EL1', { RNDR: 15, SM4: 0 }), {
      verdict: 'stored-as',
      stored: isar0 & ~(0xfn << 40n),
      rule: 'Trial',
    })
    assert.deepEqual(verdict(on, 'ID_AA64ISAR0_EL1', { RNDR: 15, AES: 3 }), refused('FieldRule', 'AES'))
  })
})
