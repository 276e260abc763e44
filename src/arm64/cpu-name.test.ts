import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { cpuName } from './cpu-name.ts'

describe('the name of a CPU', () => {
  for (const [midr, name] of [
    [0x413fd0c1n, 'Neoverse-N1 r3p1'],
    [0x411fd402n, 'Neoverse-V1 r1p2'],
    [0x410fd490n, 'Neoverse-N2 r0p0'],
    [0x410fd4f1n, 'Neoverse-V2 r0p1'],
    [0x411fd800n, 'Cortex-A520 r1p0'],
    [0x410fd811n, 'Cortex-A720 r0p1'],
    [0x410fd850n, 'Cortex-X925 r0p0'],
    [0x431f0af2n, 'ThunderX2 r1p2'],
    [0x461f0010n, 'A64FX r1p0'],
    [0x481fd010n, 'Kunpeng-920 r1p0'],
    [0x4e0f0100n, 'Olympus r0p0'],
    [0x511f0011n, 'Oryon r1p1'],
    [0x611f0230n, 'M1-Firestorm r1p0'],
    [0x6d0fd490n, 'Azure-Cobalt-100 r0p0'],
    [0x701f6633n, 'FTC663 r1p3'],
    [0xc00fac30n, 'Ampere-1 r0p0'],
    [0x560f1310n, 'Marvell 0x131 r0p0'],
    [0x411fdaa0n, 'Arm 0xdaa r1p0'],
    [0x000f0510n, '0x0 0x51 r0p0'],
  ] as const) {
    it(`0x${midr.toString(16)} is ${name}`, () => {
      assert.equal(cpuName(midr), name)
    })
  }
})
