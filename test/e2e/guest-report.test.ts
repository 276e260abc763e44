import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { parseGuestReport } from './guest-report.ts'
import { differences } from './guest-table.ts'

const said = (midr: string, features: string): string =>
  `boot noise\r\nGUEST-BEGIN\r\nFeatures\t: ${features}\r\nREG MIDR_EL1 ${midr}\r\nGUEST-END\r\n`

describe("a guest's report", () => {
  it('is found in a serial console', () => {
    const report = parseGuestReport(said('0x411fd402', 'fp asimd aes'))
    assert.deepEqual(report.features, ['aes', 'asimd', 'fp'])
    assert.equal(report.registers.get('MIDR_EL1'), 0x411fd402n)
  })

  it('is an error with the tail of the console where the guest did not get that far', () => {
    assert.throws(() => parseGuestReport('Kernel panic'), /Kernel panic/)
  })

  it('differs where a register or a flag does', () => {
    const one = parseGuestReport(said('0x1', 'fp'))
    assert.deepEqual(differences([one, parseGuestReport(said('0x2', 'fp sve'))]), ['features', 'MIDR_EL1'])
    assert.deepEqual(differences([one, one]), [])
  })

  it('is alike but for CTR_EL0.TminLine, and no other bit of it', () => {
    const ctr = (value: string) =>
      parseGuestReport(said('0x1', 'fp').replace('REG MIDR', `REG CTR_EL0 ${value}\r\nREG MIDR`))
    assert.deepEqual(differences([ctr('0xb444c004'), ctr('0x4b444c004')]), [])
    assert.deepEqual(differences([ctr('0xb444c004'), ctr('0x9444c004')]), ['CTR_EL0'])
  })
})
