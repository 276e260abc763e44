import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { launchSteps } from './launch-steps.ts'

const PRINTED = `
CELL 0
STEP ioctl 0xc0502100
GOT 29 0xae01 0x0
STEP pwrite64 state
STEP ptrace 0x4206
STEP wait 0xb6
STEP ptrace 0x4205 call 222 0x30000
STEP ioctl 0xc0502100
GOT 29 0xae01 0x0
STEP ptrace 0x4205 return
STEP ptrace 0x11
STEP ioctl 0xc0502100
GOT 29 0x4020aeae 0xee9f6d80
STEP ioctl 0x12345678
OUT {"vm":0}
`

describe('the steps of a launch', () => {
  const steps = launchSteps(PRINTED)

  it('are in groups by the call that is served, whatever is received while its thread is held', () => {
    assert.deepEqual(
      steps.map(({ number, serves }) => `${number} ${serves}`),
      [
        ...[1, 2, 3, 4, 5, 6, 7, 8].map((number) => `${number} KVM_CREATE_VM`),
        ...[9, 10].map((number) => `${number} KVM_ARM_VCPU_INIT`),
      ],
    )
  })

  it('say what the supervisor is about to do, and name the call that is unknown by its number', () => {
    assert.deepEqual(
      [1, 4, 6, 9].map((index) => steps[index]?.does),
      [
        'saves what the next supervisor needs (pwrite64)',
        "sets the thread's registers for mmap (SETREGSET)",
        "sets the thread's registers to return from the call (SETREGSET)",
        'ioctl 0x12345678',
      ],
    )
  })

  it('are the same calls in another launch, with other threads', () => {
    assert.equal(steps[3]?.call, 'wait')
  })
})
