import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { fixtureHost } from '../fixtures/host-documents.ts'
import { contradiction, replayCells } from './replay-cell.ts'
import type { ReplayCell } from './replay-cell.ts'

const host = (name: string) => ({ name, document: fixtureHost(name) })

const HOSTS = ['neoverse-n1-6.18', 'neoverse-v1-6.18', 'neoverse-v1-6.12', 'cortex-a72-6.18'].map(host)

const only = (cells: readonly ReplayCell[], from: string, to: string, terms: string): ReplayCell =>
  cells.find((cell) => cell.from.startsWith(from) && cell.to.startsWith(to) && cell.terms === terms) ??
  assert.fail()

describe('the cells of a replay', () => {
  const cells = replayCells(HOSTS)

  it('are every ordered pair, both where a VM is predicted to be taken and where it is refused', () => {
    const pairs = new Set(cells.map(({ from, to }) => `${from} ${to}`))
    assert.equal(pairs.size, HOSTS.length * (HOSTS.length - 1))
    const predicted = Map.groupBy(cells, (cell) => cell.predicted)
    assert.ok((predicted.get('taken')?.length ?? 0) > 0)
    assert.ok((predicted.get('refused')?.length ?? 0) > 0)
    assert.equal(predicted.get('unknown'), undefined)
  })

  it('say nothing of what a stream does not carry: a surplus is taken', () => {
    assert.equal(only(cells, 'neoverse-n1-6.18', 'cortex-a72', 'surplus').predicted, 'refused')
    assert.deepEqual(only(cells, 'neoverse-n1-6.18', 'cortex-a72', 'surplus').reasons, [
      'MitigationLevelDiffers KVM_REG_ARM_SMCCC_ARCH_WORKAROUND_1',
      'MitigationLevelDiffers KVM_REG_ARM_SMCCC_ARCH_WORKAROUND_3',
    ])
    assert.equal(only(cells, 'cortex-a72', 'neoverse-n1-6.18', 'surplus').predicted, 'taken')
  })

  it('are contradicted by KVM where a rule is missing', () => {
    const planted = replayCells(HOSTS, 'MitigationLevelDiffers')
    const cell = only(planted, 'neoverse-n1-6.18', 'cortex-a72', 'surplus')
    const happened = { refused: '0x6030000000140001', errno: 'EINVAL' }
    assert.match(contradiction(cell, happened) ?? '', /^predicted taken, refused 0x6030000000140001/)
    assert.equal(contradiction(only(cells, 'neoverse-n1-6.18', 'cortex-a72', 'surplus'), happened), undefined)
  })

  it('are contradicted by what KVM takes, and by a VM that cannot be levelled', () => {
    const cell = only(cells, 'neoverse-n1-6.18', 'cortex-a72', 'surplus')
    assert.match(contradiction(cell, { taken: 200 }) ?? '', /^predicted refused .* KVM took every register$/)
    assert.match(contradiction(cell, { wrong: 'MIDR_EL1' }) ?? '', /could not be levelled/)
  })
})
