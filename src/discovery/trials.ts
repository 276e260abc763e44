import { toHex64 } from '../api/hex64.ts'
import type { Deviation, HostDocument } from '../api/host-document.ts'
import { registerByName, type FeatureIdRegister } from '../arm64/register.ts'
import { errnoName } from '../linux/errno.ts'
import type { InitialisedVcpu } from '../linux/kvm/initialised-vcpu.ts'
import type { Kvm } from '../linux/kvm/kvm.ts'
import { predictionHost, type PredictionHost } from '../prediction/prediction-host.ts'
import { predictWrite } from '../prediction/predict-write.ts'
import type { WriteVerdict } from '../prediction/verdict.ts'
import { inStep } from './probe-step-error.ts'
import { withScratchVm } from './scratch-vm.ts'
import { trialValues } from './trial-values.ts'
import { configurationName, PLAIN, type VcpuConfiguration } from './vcpu-configuration.ts'

/** What KVM did with a value: refused it by an errno, or kept `stored`. */
type Outcome = { readonly errno: string } | { readonly stored: bigint }

/** As many as a host document holds. */
const MAXIMAL_DEVIATIONS = 1024

const tryValue = (vcpu: InitialisedVcpu, id: bigint, value: bigint): Outcome => {
  const errno = vcpu.setOneReg(id, value)
  return errno === 0 ? { stored: vcpu.getOneReg(id) } : { errno: errnoName(errno) }
}

const isAsPredicted = (verdict: WriteVerdict, outcome: Outcome, value: bigint): boolean => {
  if (verdict.verdict === 'refused') return 'errno' in outcome && outcome.errno === verdict.errno
  if ('errno' in outcome) return false
  return outcome.stored === (verdict.verdict === 'accepted' ? value : verdict.stored)
}

/** Tries a register's values; what KVM does otherwise than `predicting` says. The register is put back. */
const tryRegister = (
  vcpu: InitialisedVcpu,
  register: FeatureIdRegister,
  predicting: PredictionHost,
): { value: bigint; outcome: Outcome }[] => {
  const id = register.kvmRegisterId
  const limit = vcpu.getOneReg(id)
  const deviating = trialValues(register, limit)
    .map((value) => ({ value, outcome: tryValue(vcpu, id, value) }))
    .filter(
      ({ value, outcome }) => !isAsPredicted(predictWrite(predicting, register.name, value), outcome, value),
    )
  vcpu.setOneReg(id, limit)
  return deviating
}

const toDeviation = (
  { vcpuFeatures, implementationId }: VcpuConfiguration,
  register: string,
  { value, outcome }: { value: bigint; outcome: Outcome },
): Deviation => ({
  vcpuFeatures: [...vcpuFeatures],
  ...(implementationId && { implementationId }),
  register,
  value: toHex64(value),
  ...('errno' in outcome ? { errno: outcome.errno } : { stored: toHex64(outcome.stored) }),
})

const tryConfiguration = (
  kvm: Kvm,
  document: HostDocument,
  configuration: VcpuConfiguration,
): Deviation[] => {
  const predicting = predictionHost(document, configuration, { rulesOnly: true })
  if (predicting === undefined) return []
  return withScratchVm(kvm, configuration, (vcpu) =>
    [...predicting.limitView.keys()].flatMap((name) => {
      const register = registerByName(name)
      if (register === undefined) return []
      return tryRegister(vcpu, register, predicting).map((found) => toDeviation(configuration, name, found))
    }),
  )
}

/**
 * Where this host's KVM does otherwise with a write than the rules say of `document`: every value of every field, in every
 * configuration of the document, on scratch VMs that never run. Throws ProbeStepError.
 */
export const findDeviations = (kvm: Kvm, document: HostDocument): Deviation[] =>
  [PLAIN, ...document.configurations]
    .map(({ vcpuFeatures, implementationId = false }) => ({ vcpuFeatures, implementationId }))
    .flatMap((configuration) =>
      inStep(`trials in configuration ${configurationName(configuration)}`, () =>
        tryConfiguration(kvm, document, configuration),
      ),
    )
    .slice(0, MAXIMAL_DEVIATIONS)
