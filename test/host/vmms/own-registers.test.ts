import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import type { HostAccess } from '../../harness/host-access.ts'
import { connectHost } from '../../harness/lab-session.ts'
import { LEVELLED_PLAN, putRevision } from '../launch/revision-file.ts'
import { assertAllLevelled, launchVmm } from './vmm-launch.ts'

/** Two levels of cache: Ctype1 3, Ctype2 4, LoUIS 1, LoC 2, LoUU 1. */
const CLIDR = 0xa20_0023n

describe('a plan with CLIDR_EL1, which each vCPU has for itself', () => {
  let host: HostAccess
  let plan: string
  before(async () => {
    host = await connectHost('neoverse-v1')
    const registers = [
      ...LEVELLED_PLAN.registers,
      { register: 'CLIDR_EL1', mask: '0xffffffffffffffff', value: `0x${CLIDR.toString(16)}` },
    ]
    plan = await putRevision(host, 'own-registers', { ...LEVELLED_PLAN, registers })
  })

  for (const options of [
    ['--vcpus', '2'],
    ['--vcpus', '2', '--reset'],
    ['--vcpus', '2', '--reopen'],
  ])
    it(`is on every vCPU: ${options.join(' ')}`, async () => {
      const launch = await launchVmm(host, plan, options)
      assertAllLevelled(launch, 2)
      for (const { registers } of launch.vcpus) assert.deepEqual(registers['CLIDR_EL1'], [CLIDR, CLIDR])
    })
})
