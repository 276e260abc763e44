import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { isSvc } from './aarch64-syscalls.ts'

describe('isSvc', () => {
  it('takes every immediate: Linux looks at none', () => {
    for (const word of [0xd400_0001, 0xd400_0021, 0xd41f_ffe1]) assert.ok(isSvc(word), word.toString(16))
  })

  it('takes no other exception, no other instruction, and no errno', () => {
    for (const word of [0xd400_0002, 0xd400_0003, 0xd420_0000, 0xd503_201f, 0, -14])
      assert.ok(!isSvc(word), word.toString(16))
  })
})
