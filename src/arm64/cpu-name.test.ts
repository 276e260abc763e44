import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { cpuName } from './cpu-name.ts'

describe('the name of a CPU', () => {
  for (const [midr, name] of [
    [0x413fd0c1n, 'Neoverse-N1 r3p1'],
    [0x411fd402n, 'Neoverse-V1 r1p2'],
    [0x410fd490n, 'Neoverse-N2 r0p0'],
    [0x411fdaa0n, 'Arm 0xdaa r1p0'],
    [0x000f0510n, '0x0 0x51 r0p0'],
  ] as const) {
    it(`0x${midr.toString(16)} is ${name}`, () => {
      assert.equal(cpuName(midr), name)
    })
  }
})
