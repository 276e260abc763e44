import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { stringify } from 'yaml'
import type { CpuFeatureProfileRevision } from '../../../src/api/cpu-feature-profile-revision.ts'
import { API_GROUP_VERSION } from '../../../src/api/names.ts'
import type { Plan } from '../../../src/api/plan.ts'
import type { HostAccess } from '../../harness/host-access.ts'

/** A plan that a neoverse-v1 on Linux 6.18 can show and does not show by itself. */
export const LEVELLED_PLAN: Plan = {
  formatVersion: 1,
  enforcement: 'Strict',
  implementation: { midr: '0x413fd0c1' },
  registers: [
    // RNDR hidden, the rest of the register as the host has it.
    { register: 'ID_AA64ISAR0_EL1', mask: '0xf000000000000000', value: '0x0' },
    // TGran4_2, TGran64_2 and TGran16_2: 1, not supported.
    { register: 'ID_AA64MMFR0_EL1', mask: '0xfff00000000', value: '0x11100000000' },
    // PMUVer 4 as far as the VMM asks for a PMU.
    { register: 'ID_AA64DFR0_EL1', mask: '0xf00', value: '0x400' },
  ],
  firmwareRegisters: [{ register: 'KVM_REG_ARM_PSCI_VERSION', value: '0x10001' }],
  vcpuFeatures: { sve: 'Disabled', pointerAuthentication: 'Disabled' },
  registerList: { exclude: ['0x603000000013c03a'] },
  untrapped: {},
  tolerated: [],
}

/** Puts a revision with this plan into the host, as YAML: its path there. */
export const putRevision = async (host: HostAccess, name: string, plan: Plan): Promise<string> => {
  const revision: CpuFeatureProfileRevision = {
    apiVersion: API_GROUP_VERSION,
    kind: 'CpuFeatureProfileRevision',
    metadata: { name },
    spec: plan,
  }
  const folder = await mkdtemp(join(tmpdir(), 'revision-'))
  const local = join(folder, 'revision.yaml')
  const remote = `/tmp/${name}.yaml`
  await writeFile(local, stringify(revision))
  await host.put(local, remote)
  await rm(folder, { recursive: true })
  return remote
}
