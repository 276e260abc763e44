import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { keepsClidr } from './launch-host.ts'

describe('whether a kernel keeps CLIDR_EL1 over a reset', () => {
  const cases: readonly (readonly [release: string, keeps: boolean])[] = [
    ['5.14.0-570.el9.aarch64+64k', false],
    ['6.1.0-32-arm64', false],
    ['6.9.12', false],
    ['6.10.0-rc1', true],
    ['6.12.48+deb13-arm64', true],
    ['7.0', true],
  ]
  for (const [release, keeps] of cases)
    it(`${release}: ${keeps ? 'yes' : 'no'}`, () => {
      assert.equal(keepsClidr(release), keeps)
    })
})
