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
  /** The device; /dev/kvm if not given. */
  readonly path?: string
  /** Whether to try every value of every field too, for HostDocument.deviations: tens of thousands of calls. No if not given. */
  readonly trials?: boolean
}

/** The steps of a probe: each `yield` is a place where it may be left, or made to wait. */
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
 * Asks this machine's KVM all that the engine decides from, by scratch VMs; nothing of the machine is changed, and nothing
 * is left open. Blocks for some tens of milliseconds, with trials for some hundreds. Whatever KVM answers is a result: only a
 * defect of ours throws.
 */
export const probeHost = (options: ProbeOptions = {}): ProbeResult => {
  const steps = probing(options)
  for (;;) {
    const { done, value } = steps.next()
    if (done === true) return value
  }
}

/**
 * As {@link probeHost}, for a process that has others to serve meanwhile: trials let the event loop turn after each register.
 * Rejects with the signal's reason where it is aborted; all is closed then.
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
