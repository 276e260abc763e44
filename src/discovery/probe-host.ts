import { release } from 'node:os'
import { setImmediate } from 'node:timers/promises'
import { SystemCallError } from '../linux/errno.ts'
import { KVM_API_VERSION } from '../linux/abi/kvm.ts'
import { Kvm } from '../linux/kvm/kvm.ts'
import { readHostDocument } from './host-document.ts'
import { noKvm, otherArchitecture } from './no-kvm.ts'
import type { ProbeResult } from './probe-result.ts'
import { inStep, ProbeStepError } from './probe-step-error.ts'
import { findDeviations } from './trials.ts'

/** Bit 0 of KVM_CAP_ARM_SUPPORTED_REG_MASK_RANGES: the feature ID range. */
const FEATURE_ID_RANGE = 1

const failed = (step: string, { code, message }: SystemCallError): ProbeResult => ({
  kind: 'failed',
  step,
  errno: code,
  message: `${step}: ${message}`,
  remedy:
    'No known kernel gives this answer. See `dmesg | grep -i kvm`, and report it with the kernel release and the CPU.',
})

const tooOld = (): ProbeResult => ({
  kind: 'kernel-too-old',
  release: release(),
  message: `Linux ${release()} does not report which ID register bits are writable (KVM_ARM_GET_REG_WRITABLE_MASKS)`,
  remedy: 'Boot Linux 6.7 or newer; to level MIDR_EL1 too, 6.15 or newer.',
})

/** How a probe is made. */
export type ProbeOptions = {
  /** The device; default: /dev/kvm. */
  readonly path?: string
  /** Whether to try the values of every field too, for HostDocument.deviations: tens of thousands of calls. Default: no. */
  readonly trials?: boolean
}

/** The steps of a probe. At each `yield` the caller may pause or abandon it. */
type Probing = Generator<undefined, ProbeResult>

function* probeKvm(kvm: Kvm, trials: boolean): Probing {
  const host = readHostDocument(kvm)
  if (!trials) return { kind: 'probed', host }
  yield
  return { kind: 'probed', host: { ...host, ...(yield* findDeviations(kvm, host)) } }
}

function* askKvm(kvm: Kvm, trials: boolean): Probing {
  const version = inStep('API version', () => kvm.getApiVersion())
  if (version !== KVM_API_VERSION)
    return noKvm(`API version ${version} instead of ${KVM_API_VERSION}`, 'ENODEV')
  const ranges = inStep('writable mask ranges', () =>
    kvm.checkExtension('KVM_CAP_ARM_SUPPORTED_REG_MASK_RANGES'),
  )
  return (ranges & FEATURE_ID_RANGE) === 0 ? tooOld() : yield* probeKvm(kvm, trials)
}

const open = (path: string): Kvm | SystemCallError => {
  try {
    return Kvm.open(path)
  } catch (error) {
    if (error instanceof SystemCallError) return error
    throw error
  }
}

function* probing({ path = '/dev/kvm', trials = false }: ProbeOptions): Probing {
  if (process.arch !== 'arm64') return otherArchitecture(process.arch)
  const opened = open(path)
  if (opened instanceof SystemCallError) return noKvm(path, opened.code)
  using kvm = opened
  try {
    return yield* askKvm(kvm, trials)
  } catch (error) {
    if (error instanceof ProbeStepError) return failed(error.step, error.systemCall)
    throw error
  }
}

/**
 * Asks this machine's KVM everything from which the engine decides, using scratch VMs. It changes nothing on the machine and
 * leaves nothing open. Blocks for some tens of milliseconds, with trials for some hundreds. Every answer of KVM is a result: only
 * a defect of ours throws.
 */
export const probeHost = (options: ProbeOptions = {}): ProbeResult => {
  const steps = probing(options)
  for (;;) {
    const { done, value } = steps.next()
    if (done === true) return value
  }
}

/**
 * Like {@link probeHost}, for a process that serves others meanwhile: trials yield to the event loop after each register.
 * Rejects with the signal's reason if it is aborted, and closes everything.
 */
export const probeHostInTurns = async (options: ProbeOptions, signal: AbortSignal): Promise<ProbeResult> => {
  const steps = probing(options)
  try {
    for (;;) {
      const step = steps.next()
      if (step.done === true) return step.value
      await setImmediate()
      signal.throwIfAborted()
    }
  } finally {
    steps.return(noKvm('left', 'ECANCELED'))
  }
}
