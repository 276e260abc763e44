import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { GUEST_ENTRY, GUEST_MEMORY_SIZE, writeGuestProgram } from './guest-program.ts'

const wordsAt = (memory: Uint8Array, offset: number, count: number): string[] => {
  const view = new DataView(memory.buffer)
  return Array.from({ length: count }, (_, index) => view.getUint32(offset + index * 4, true).toString(16))
}

const program = (): Uint8Array => {
  const memory = new Uint8Array(GUEST_MEMORY_SIZE)
  writeGuestProgram(memory, [
    { op0: 3, op1: 3, crn: 14, crm: 0, op2: 0 },
    { op0: 3, op1: 3, crn: 0, crm: 0, op2: 7 },
  ])
  return memory
}

describe('the guest program', () => {
  it('reads each register and stores it one place further', () => {
    // As GNU as assembles: msr vbar_el1, xzr; movz x2, #2, lsl #16; mrs x0, cntfrq_el0; str x0, [x2];
    // mrs x0, dczid_el0; str x0, [x2, #8]; b .
    assert.deepEqual(wordsAt(program(), Number(GUEST_ENTRY), 7), [
      'd518c01f',
      'd2a00042',
      'd53be000',
      'f9000040',
      'd53b00e0',
      'f9000440',
      '14000000',
    ])
  })

  it('stores elsewhere at every exception vector, so that it always stops', () => {
    const memory = program()
    for (let vector = 0; vector < 16; vector++) {
      // movz x2, #2, lsl #16; str x2, [x2, #0x800]; b .
      assert.deepEqual(wordsAt(memory, vector * 0x80, 3), ['d2a00042', 'f9040042', '14000000'])
    }
  })
})
