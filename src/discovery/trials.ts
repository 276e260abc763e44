import { toHex64 } from '../api/hex64.ts'
import type { Deviation, HostDocument } from '../api/host-document.ts'
import { registerByName, type FeatureIdRegister } from '../arm64/register.ts'
import type { InitialisedVcpu } from '../linux/kvm/initialised-vcpu.ts'
import type { Kvm } from '../linux/kvm/kvm.ts'
import { predictionHost, type PredictionHost } from '../prediction/prediction-host.ts'
import { predictWrite } from '../prediction/predict-write.ts'
import { trialValues } from '../prediction/trial-values.ts'
import type { WriteVerdict } from '../prediction/verdict.ts'
import { inStep } from './probe-step-error.ts'
import { openScratchVm } from './scratch-vm.ts'
import { tryWrite, type WriteOutcome } from './try-write.ts'
import { configurationName, PLAIN, type VcpuConfiguration } from './vcpu-configuration.ts'

/** The most deviations that a host document holds. */
const MAXIMAL_DEVIATIONS = 1024

const isAsPredicted = (verdict: WriteVerdict, outcome: WriteOutcome, value: bigint): boolean => {
  if (verdict.verdict === 'refused') return 'errno' in outcome && outcome.errno === verdict.errno
  if ('errno' in outcome || verdict.verdict === 'unknown') return false
  return outcome.stored === (verdict.verdict === 'accepted' ? value : verdict.stored)
}

type Tried = { readonly value: bigint; readonly outcome: WriteOutcome }

type RegisterTrials = { readonly writes: number; readonly deviating: readonly Tried[] }

/** The results of the trials of a host, in the form of its document. */
export type Trials = Required<Pick<HostDocument, 'trials' | 'deviations'>>

/** Tries a register's values and returns where KVM deviates from `predicting`. Restores the register. */
const tryRegister = (
  vcpu: InitialisedVcpu,
  register: FeatureIdRegister,
  predicting: PredictionHost,
): RegisterTrials => {
  const id = register.kvmRegisterId
  const limit = vcpu.getOneReg(id)
  const tried = trialValues(register, limit).map((value) => ({ value, outcome: tryWrite(vcpu, id, value) }))
  vcpu.setOneReg(id, limit)
  const deviating = tried.filter(
    ({ value, outcome }) => !isAsPredicted(predictWrite(predicting, register.name, value), outcome, value),
  )
  return { writes: tried.length, deviating }
}

const toDeviation = (
  { vcpuFeatures, implementationId }: VcpuConfiguration,
  register: string,
  { value, outcome }: Tried,
): Deviation => ({
  vcpuFeatures: [...vcpuFeatures],
  ...(implementationId && { implementationId }),
  register,
  value: toHex64(value),
  ...('errno' in outcome ? { errno: outcome.errno } : { stored: toHex64(outcome.stored) }),
})

type Deviating = { readonly writes: number; readonly deviations: readonly Deviation[] }

function* tryConfiguration(
  kvm: Kvm,
  document: HostDocument,
  configuration: VcpuConfiguration,
): Generator<undefined, readonly Deviating[]> {
  const step = `trials in configuration ${configurationName(configuration)}`
  const predicting = predictionHost(document, configuration, { rulesOnly: true })
  const tried: Deviating[] = []
  if (predicting === undefined) return tried
  using scratch = inStep(step, () => openScratchVm(kvm, configuration))
  for (const name of predicting.limitView.keys()) {
    const register = registerByName(name)
    if (register === undefined) continue
    const { writes, deviating } = inStep(step, () => tryRegister(scratch.vcpu, register, predicting))
    tried.push({ writes, deviations: deviating.map((found) => toDeviation(configuration, name, found)) })
    yield
  }
  return tried
}

/**
 * Finds where this host's KVM deviates from what the rules say of `document`. Tries every value of every field, in every
 * configuration of the document, on scratch VMs that never run. Yields after each register, that is, after some milliseconds of
 * work. Throws ProbeStepError.
 */
export function* findDeviations(kvm: Kvm, document: HostDocument): Generator<undefined, Trials> {
  const tried: Deviating[] = []
  for (const { vcpuFeatures, implementationId = false } of [PLAIN, ...document.configurations])
    tried.push(...(yield* tryConfiguration(kvm, document, { vcpuFeatures, implementationId })))
  const deviations = tried.flatMap((one) => one.deviations)
  return {
    trials: {
      writes: tried.reduce((sum, { writes }) => sum + writes, 0),
      deviating: deviations.length,
    },
    deviations: deviations.slice(0, MAXIMAL_DEVIATIONS),
  }
}
