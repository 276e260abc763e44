import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { launchPolicy } from '../decide/launch-policy.ts'
import { readIdregs } from './read-idregs.ts'
import { samplePlan } from '../../../test/fixtures/sample-plan.ts'
import { verifyIdregs } from './verify-idregs.ts'

const result = launchPolicy(
  samplePlan({
    registers: [
      { register: 'ID_AA64ISAR0_EL1', mask: '0xf0', value: '0x20' },
      { register: 'CLIDR_EL1', mask: '0xff', value: '0x23' },
    ],
  }),
)
assert.ok(result.kind === 'policy')
const { policy } = result

const text = (isar0: string) => `        SYS_ID_AA64PFR0_EL1:\t0011000000110011
        SYS_ID_AA64ISAR0_EL1:\t${isar0}
`

describe('readIdregs', () => {
  it("reads names and values of the kernel's lines", () => {
    assert.deepEqual(
      [...readIdregs(text('1021111110212120'))],
      [
        ['ID_AA64PFR0_EL1', 0x0011000000110011n],
        ['ID_AA64ISAR0_EL1', 0x1021111110212120n],
      ],
    )
  })
})

describe('verifyIdregs', () => {
  const verify = (isar0: string, ...kept: readonly ReadonlyMap<string, bigint>[]) =>
    verifyIdregs(policy, [{ vm: '7-9', shown: readIdregs(text(isar0)) }], kept)

  it('finds no difference where the specified bits are as planned, and names what is not shown', () => {
    assert.deepEqual(verify('1021111110212120'), {
      vms: ['7-9'],
      different: [],
      notShown: ['CLIDR_EL1'],
    })
  })

  it('names a register that shows something else', () => {
    assert.deepEqual(verify('1021111110212130').different, [
      { vm: '7-9', register: 'ID_AA64ISAR0_EL1', wanted: '0x1021111110212120', shown: '0x1021111110212130' },
    ])
  })

  it('takes what KVM kept of a refused write for what was applied', () => {
    const kept = new Map([['ID_AA64ISAR0_EL1', 0x1021111110212130n]])
    assert.deepEqual(verify('1021111110212130', kept).different, [])
    assert.equal(verify('1021111110212120', kept).different.length, 1)
  })

  it('speaks of every VM, each as one of those that were written shows', () => {
    const [a, b] = [0x1021111110212120n, 0x1021111110212130n].map(
      (value) => new Map([['ID_AA64ISAR0_EL1', value]]),
    )
    assert.ok(a !== undefined && b !== undefined)
    const vms = ['1021111110212120', '1021111110212130'].map((isar0, index) => ({
      vm: `7-${index}`,
      shown: readIdregs(text(isar0)),
    }))
    const both = verifyIdregs(policy, vms, [a, b])
    assert.deepEqual([both.vms, both.different], [['7-0', '7-1'], []])
    assert.deepEqual(
      verifyIdregs(policy, vms, [a]).different.map(({ vm }) => vm),
      ['7-1'],
    )
  })
})
