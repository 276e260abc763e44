import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { seccompBases } from '../../../test/fixtures/seccomp-bases/seccomp-bases.ts'
import { WIDEST_IOCTLS } from '../../launch/decide/widest-ioctls.ts'
import { parseLossless, writeLossless } from './lossless-json.ts'
import { notifyingFilter, UNFILTERED } from './notifying-filter.ts'
import type { OciRule, OciSeccomp } from './oci-seccomp.ts'

const LISTENER = { path: '/run/cpufeatures/runtime.sock', metadata: 'cpufeatures/unset.json' }

const made = (base: OciSeccomp) => notifyingFilter(base, WIDEST_IOCTLS, LISTENER)
const filterOf = (base: OciSeccomp): OciSeccomp => {
  const result = made(base)
  assert.ok(result.kind === 'filter')
  return result.filter
}

const ioctlAllowed = (more: Partial<OciRule> = {}): OciRule => ({
  names: ['ioctl'],
  action: 'SCMP_ACT_ALLOW',
  ...more,
})
const denying = (...syscalls: OciRule[]): OciSeccomp => ({ defaultAction: 'SCMP_ACT_ERRNO', syscalls })

const REQUEST = { index: 1, value: 0x5412, op: 'SCMP_CMP_NE' }

const UNUSABLE: readonly (readonly [name: string, base: OciSeccomp, reason: string])[] = [
  ['denies ioctl by its default', denying(), 'IoctlNotAllowed'],
  [
    'denies ioctl by a rule',
    { ...UNFILTERED, syscalls: [ioctlAllowed({ action: 'SCMP_ACT_ERRNO' })] },
    'IoctlNotAllowed',
  ],
  ['allows ioctl by its arguments', denying(ioctlAllowed({ args: [REQUEST] })), 'IoctlConditional'],
  [
    'allows ioctl by capabilities',
    denying(ioctlAllowed({ includes: { caps: ['CAP_SYS_ADMIN'] } })),
    'IoctlConditional',
  ],
  [
    'has two actions for ioctl',
    denying(ioctlAllowed(), ioctlAllowed({ action: 'SCMP_ACT_LOG' })),
    'IoctlConditional',
  ],
  ['has a listener', { ...UNFILTERED, listenerPath: '/run/other.sock' }, 'ListenerTaken'],
  ['notifies', denying(ioctlAllowed(), { names: ['mknod'], action: 'SCMP_ACT_NOTIFY' }), 'ListenerTaken'],
]

describe('the filter that notifies', () => {
  for (const [name, base, reason] of UNUSABLE)
    it(`is not made from a filter that ${name}`, () => {
      assert.deepEqual(made(base), { kind: 'unusable', reason })
    })

  for (const [name, base] of Object.entries(seccompBases()))
    it(`leaves all of ${name} that does not concern ioctl as it is`, () => {
      const { syscalls = [], listenerPath, listenerMetadata, ...rest } = filterOf(base)
      const { syscalls: was, ...wasRest } = base
      assert.deepEqual({ path: listenerPath, metadata: listenerMetadata }, LISTENER)
      assert.deepEqual(rest, wasRest)
      const others = (rules: OciSeccomp['syscalls']) =>
        (rules ?? []).map((rule) => ({ ...rule, names: rule.names.filter((one) => one !== 'ioctl') }))
      const kept = others(syscalls).filter(({ names }) => names.length > 0)
      assert.deepEqual(kept, others(was))
    })

  it('has no rule for ioctl without arguments, and none that names an argument twice', () => {
    for (const base of Object.values(seccompBases()))
      for (const { names, args } of filterOf(base).syscalls ?? []) {
        if (!names.includes('ioctl')) continue
        const indices = (args ?? []).map(({ index }) => index)
        assert.ok(indices.length > 0)
        assert.equal(new Set(indices).size, indices.length)
      }
  })

  it('keeps what becomes of every other ioctl, also if that is written to the audit log', () => {
    const { syscalls } = filterOf(denying(ioctlAllowed({ action: 'SCMP_ACT_LOG' })))
    const actions = new Set((syscalls ?? []).map(({ action }) => action))
    assert.deepEqual([...actions].toSorted(), ['SCMP_ACT_ERRNO', 'SCMP_ACT_LOG', 'SCMP_ACT_NOTIFY'])
  })

  it('does not ask for WAIT_KILLABLE_RECV, and keeps other flags', () => {
    const flags = ['SECCOMP_FILTER_FLAG_LOG', 'SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV']
    assert.deepEqual(filterOf({ ...UNFILTERED, flags }).flags, ['SECCOMP_FILTER_FLAG_LOG'])
  })

  it('is written and read without losing a bit of 64', () => {
    const { syscalls = [] } = filterOf(denying(ioctlAllowed(), { ...ioctlAllowed(), names: ['read'] }))
    const text = writeLossless({ syscalls, most: 2n ** 64n - 1n })
    assert.match(text, /"most": 18446744073709551615/)
    assert.match(text, /"value": 18446744073709551\d{3},/)
    assert.equal(writeLossless(parseLossless(text)), text)
  })
})
