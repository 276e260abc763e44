import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { fixtureHost } from '../../../test/fixtures/host-documents.ts'
import { registerByName } from '../../arm64/register.ts'
import { namedClasses } from '../input/named-class.ts'
import { explainLines } from '../output/explain-table.ts'
import { explainRegister } from './explain-register.ts'

const register = (name: string) => registerByName(name) ?? assert.fail(name)

describe('the explanation of a register', () => {
  it('names the fields that the KVM of a host does not let anyone change', () => {
    const host = fixtureHost('neoverse-v1-6.18')
    const classes = namedClasses([
      { name: 'probed', host },
      { name: 'dump', host: { ...host, writableMasks: {}, ipaBits: 40 } },
    ])
    const explained = explainRegister(register('ID_AA64MMFR2_EL1'), undefined, classes)
    const [probed, dump] = explained.hosts
    assert.deepEqual(probed?.notWritable, ['EVT', 'FWB', 'IDS', 'NV', 'CCIDX'])
    assert.equal(dump?.notWritable, undefined)
    assert.match(explainLines(explained, false).join('\n'), /probed .* IDS/)
  })

  it('names the bits of a value that belong to no field', () => {
    const explained = explainRegister(register('ID_AA64ISAR0_EL1'), 0x11n, [])
    assert.equal(explained.bitsOfNoField, '0x1')
    assert.match(explainLines(explained, false).join('\n'), /no known field \(RES0\): 0x1/)
    assert.equal(explainRegister(register('ID_AA64ISAR0_EL1'), 0x10n, []).bitsOfNoField, undefined)
  })
})
