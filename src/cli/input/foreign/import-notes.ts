import type { HostDocument } from '../../../api/host-document.ts'
import { HWCAP_TABLE } from '../../../arm64/hwcap-table.generated.ts'
import { FEATURE_ID_REGISTERS } from '../../../arm64/register.ts'
import { namesWithMore } from '../../../catalogue/names-with-more.ts'
import { SHIPPED_REGISTER_LIST } from '../../../discovery/shipped-register-list.generated.ts'
import { coreKindsText, hasSeveralKinds, KEEP_ON_ONE_KIND } from '../../../plan/core-kinds-text.ts'
import { isKernelTooOld, tellsMasks } from '../../../prediction/told-of-host.ts'
import type { ForeignHost } from './foreign-host.ts'

// Those that every KVM that the product supports lists, also where they read as zero.
const EXPECTED = FEATURE_ID_REGISTERS.filter(
  ({ kvmRegisterId, fields }) => fields.length > 0 && SHIPPED_REGISTER_LIST.includes(kvmRegisterId),
).map(({ name }) => name)

const MOST_NAMED = 3

const missingNote = ({ guestView }: HostDocument): readonly string[] => {
  const missing = EXPECTED.filter((name) => guestView[name] === undefined)
  if (missing.length === 0) return []
  return [
    `it has ${EXPECTED.length - missing.length} of the ${EXPECTED.length} ID registers that KVM lists; ` +
      `${namesWithMore(missing, MOST_NAMED)} are unknown, and so is everything that depends on them`,
  ]
}

const coresNote = (host: HostDocument): readonly string[] => {
  const kinds = coreKindsText(host)
  return hasSeveralKinds(host)
    ? [
        `the host has ${kinds.length} kinds of cores: ${kinds.join(', ')}; the document describes the first; ` +
          KEEP_ON_ONE_KIND,
      ]
    : []
}

const ofHwcaps = ({ hwcaps }: ForeignHost): readonly string[] =>
  hwcaps === undefined
    ? []
    : [
        'its features are those that the host itself has (HWCAPs); nobody asked which of them KVM shows a guest',
      ]

const CPUINFO_NAMES = new Set(HWCAP_TABLE.map(({ cpuinfoName }) => cpuinfoName))

const unknownHwcaps = ({ hwcaps = [] }: ForeignHost): readonly string[] => {
  const unknown = hwcaps.filter((name) => !CPUINFO_NAMES.has(name))
  if (unknown.length === 0) return []
  return [`this version of cpufeatures does not know these features of it: ${unknown.join(', ')}`]
}

const ofOthers = ({ ofKvm, registers }: ForeignHost): readonly string[] =>
  ofKvm || registers.size === 0
    ? []
    : ['its registers are as listed; where they were not read in a VM, KVM may show guests less']

const kernelNote = (host: HostDocument): readonly string[] =>
  isKernelTooOld(host)
    ? [
        `its kernel is Linux ${host.kernel.release}, and KVM says only since Linux 6.7 which fields may be changed: ` +
          'no profile fits this host as it is',
      ]
    : []

const masksNote = (host: HostDocument): readonly string[] =>
  tellsMasks(host) || isKernelTooOld(host)
    ? []
    : ['it has no writable masks: what KVM lets be lowered is unknown (--masks FILE gives them)']

/** What no source but a probe tells. */
const lackedNote = (host: HostDocument): string => {
  const lacked = [
    'CNTFRQ_EL0',
    'DCZID_EL0',
    'the IPA size',
    ...(host.registerList === undefined ? ['the register list'] : []),
    ...(host.vcpuFeatures.includes('sve') ? ['the SVE vector lengths'] : []),
    host.vcpuFeatures.length === 0
      ? 'vCPU features'
      : `vCPU features other than ${host.vcpuFeatures.join(', ')}`,
  ]
  const last = lacked.at(-1) ?? ''
  return `it lacks ${lacked.slice(0, -1).join(', ')} and ${last}: if they decide, the reach of this host is unknown`
}

/** What an imported document cannot tell, for its reader. */
export const importNotes = (foreign: ForeignHost, host: HostDocument): readonly string[] => [
  `made of ${foreign.from}: nothing was tried on this host, so verdicts about it are unproven`,
  ...coresNote(host),
  ...foreign.notes,
  ...missingNote(host),
  ...ofHwcaps(foreign),
  ...unknownHwcaps(foreign),
  ...ofOthers(foreign),
  ...kernelNote(host),
  ...masksNote(host),
  lackedNote(host),
]
