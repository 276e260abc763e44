import { NO_TRIALS, trialResults } from './trial-results.ts'
import type { Deviation, HostDocument, VcpuConfigurationView } from '../api/host-document.ts'
import type { VcpuFeature } from '../api/vcpu-feature.ts'
import { differingBits, withBitsOf } from '../arm64/bits.ts'
import type { GuestView } from '../arm64/register.ts'
import { showsOtherImplementation, tellsMasks } from './told-of-host.ts'
import type { TrialResults } from './trial-results.ts'

/** The vCPU configuration a write is made on. */
export type VcpuConfiguration = {
  readonly vcpuFeatures: readonly VcpuFeature[]
  /** Whether KVM_CAP_ARM_WRITABLE_IMP_ID_REGS was enabled before the first vCPU. */
  readonly implementationId: boolean
}

/** The things that decide a write and that a host document does not tell. */
export type Untold = {
  readonly masks: boolean
  /** Whether KVM can show another implementation ID. */
  readonly implementationId: boolean
  /** Whether registers that are not in the view exist. */
  readonly registers: boolean
}

/** Everything that decides what a host's KVM does with a write to a vCPU of one configuration. */
export type PredictionHost = {
  /** What a fresh vCPU of the configuration shows. Registers that are not in it do not exist there. */
  readonly limitView: GuestView
  /** The writable masks by register. A register without an entry has no writable bits. */
  readonly masks: ReadonlyMap<string, bigint>
  readonly implementationIdWritable: boolean
  /** MIDR_EL1 of the host's own CPU; undefined if the document does not tell it. */
  readonly midr?: bigint | undefined
  readonly vcpuFeatures: readonly VcpuFeature[]
  /** The results of trials on this host that differ from the rules. They win over the rules. */
  readonly trials: TrialResults
  /** Undefined if the document tells all that decides. */
  readonly untold?: Untold
}

const PLAIN: VcpuConfiguration = { vcpuFeatures: [], implementationId: false }

const fromHexRecord = (record: Readonly<Record<string, string>>): Map<string, bigint> =>
  new Map(Object.entries(record).map(([name, value]) => [name, BigInt(value)]))

/** Whether a host was tried and its document has room for all deviations. */
export const areTrialsWhole = ({ trials, deviations }: HostDocument): boolean =>
  trials !== undefined && trials.deviating === deviations.length

const sameFeatures = (a: readonly VcpuFeature[], b: readonly VcpuFeature[]): boolean =>
  a.length === b.length && a.every((feature) => b.includes(feature))

/** Whether something of a document was seen in this configuration. */
const isOf = (
  wanted: VcpuConfiguration,
  one: { readonly vcpuFeatures: readonly VcpuFeature[]; readonly implementationId?: boolean | undefined },
): boolean =>
  sameFeatures(one.vcpuFeatures, wanted.vcpuFeatures) &&
  (one.implementationId ?? false) === wanted.implementationId

const isMeasured = (document: HostDocument, wanted: VcpuConfiguration): boolean =>
  isOf(wanted, PLAIN) || document.configurations.some((one) => isOf(wanted, one))

/**
 * The measured configurations that together make the wanted one: itself, or one for each of its vCPU features (none for the
 * plain one, whose view the others differ from). The implementation ID alone changes no other register.
 */
const measuredParts = (
  document: HostDocument,
  wanted: VcpuConfiguration,
): readonly VcpuConfigurationView[] | undefined => {
  const whole = document.configurations.find((one) => isOf(wanted, one))
  if (whole !== undefined) return [whole]
  const measured = (features: readonly VcpuFeature[]): VcpuConfigurationView | undefined =>
    document.configurations.find((one) => sameFeatures(one.vcpuFeatures, features))
  const together = wanted.vcpuFeatures.length > 0 ? measured(wanted.vcpuFeatures) : undefined
  if (together !== undefined) return [together]
  const parts = wanted.vcpuFeatures.map((feature) => measured([feature]))
  return parts.every((part) => part !== undefined) ? parts : undefined
}

/** Differences are stored as whole registers. From each part this takes the bits that differ from the plain view. */
const withDifferences = (plain: GuestView, parts: readonly VcpuConfigurationView[]): Map<string, bigint> => {
  const view = new Map(plain)
  for (const { differences, hidden } of parts) {
    for (const [name, text] of Object.entries(differences)) {
      const value = BigInt(text)
      const changed = differingBits(value, plain.get(name) ?? 0n)
      view.set(name, withBitsOf(view.get(name) ?? 0n, changed, value))
    }
    for (const name of hidden ?? []) view.delete(name)
  }
  return view
}

/** What a fresh vCPU of a configuration shows on a host; undefined if the host document does not tell. */
export const limitViewOf = (
  document: HostDocument,
  wanted: VcpuConfiguration = PLAIN,
): GuestView | undefined => {
  const parts = measuredParts(document, wanted)
  return parts && withDifferences(fromHexRecord(document.guestView), parts)
}

/** The measured configurations that tell something of the wanted one, the nearest first. */
const tellingOf = (document: HostDocument, wanted: VcpuConfiguration): readonly VcpuConfiguration[] => {
  if (isMeasured(document, wanted)) return [wanted]
  const parts = (measuredParts(document, wanted) ?? []).map(({ vcpuFeatures, implementationId = false }) => ({
    vcpuFeatures,
    implementationId,
  }))
  return [...parts, PLAIN]
}

/**
 * The deviations that hold for a configuration: its own. If it was not tried, each register has those of the nearest configuration that
 * shows the same value, because what decides there (hardware that no register shows) is the same.
 */
const deviationsFor = (
  document: HostDocument,
  wanted: VcpuConfiguration,
  limitView: GuestView,
): readonly Deviation[] => {
  const telling = tellingOf(document, wanted).map((one) => ({ one, view: limitViewOf(document, one) }))
  return document.deviations.filter((deviation) => {
    const { register } = deviation
    const nearest = telling.find(({ view }) => view?.get(register) === limitView.get(register))
    return nearest !== undefined && isOf(nearest.one, deviation)
  })
}

const untoldOf = (
  document: HostDocument,
  { implementationId }: VcpuConfiguration,
): Pick<PredictionHost, 'untold'> => {
  const untold = {
    masks: !tellsMasks(document),
    implementationId: implementationId && showsOtherImplementation(document) === 'unknown',
    registers: document.registerList === undefined,
  }
  return Object.values(untold).includes(true) ? { untold } : {}
}

/**
 * What {@link predictWrite} needs of a host for one vCPU configuration; undefined if the host document does not tell what
 * that configuration shows. A configuration that was not measured as a whole is put together from its features.
 * `rulesOnly` leaves the trials out.
 */
export const predictionHost = (
  document: HostDocument,
  wanted: VcpuConfiguration = PLAIN,
  { rulesOnly = false }: { readonly rulesOnly?: boolean } = {},
): PredictionHost | undefined => {
  const limitView = limitViewOf(document, wanted)
  if (limitView === undefined) return undefined
  return {
    limitView,
    masks: fromHexRecord(document.writableMasks ?? {}),
    implementationIdWritable: wanted.implementationId && showsOtherImplementation(document) === 'yes',
    midr: BigInt(document.cpu.midr),
    vcpuFeatures: wanted.vcpuFeatures,
    trials: rulesOnly
      ? NO_TRIALS
      : trialResults(
          deviationsFor(document, wanted, limitView),
          limitView,
          areTrialsWhole(document) && isMeasured(document, wanted),
        ),
    ...untoldOf(document, wanted),
  }
}
