import type { PlanFinding } from '../../api/finding.ts'
import type { Field } from '../../arm64/field.ts'
import type { PlanReason } from '../../plan/finding-reason.ts'
import { featuresBetween } from '../../arm64/field-features.ts'
import type { UnlevelledField } from './common-register.ts'
import { disagreeingMembers } from './disagreeing-members.ts'
import type { DisagreeingMembers } from './disagreeing-members.ts'
import type { Member } from './member.ts'
import type { VcpuFeature } from '../../api/vcpu-feature-policy.ts'
import { vcpuFeatureOfField } from '../../arm64/vcpu-features.ts'
import { inertField } from '../../arm64/inert-fields.ts'
import { isInert } from './tolerated-kind.ts'

const raw = (value: number): string => `0x${value.toString(16)}`

/** How the profile could tolerate the difference. */
type Toleration =
  | { readonly kind: 'inert' }
  /** By naming what guests may tell it by. */
  | { readonly kind: 'features'; readonly features: readonly string[] }
  | { readonly kind: 'none' }

const toleration = (
  { register, values }: UnlevelledField,
  field: Field,
  vcpuFeatures: readonly VcpuFeature[],
): Toleration => {
  if (isInert(register, field, values, vcpuFeatures)) return { kind: 'inert' }
  const features = featuresBetween(register, field.name, values)
  return features.length === 0 ? { kind: 'none' } : { kind: 'features', features }
}

const tolerateRemedy = (possible: Toleration): string | undefined => {
  switch (possible.kind) {
    case 'inert':
      return 'set `tolerate: {inert: Accept}`: guests cannot act on it'
    case 'features':
      return `set \`tolerate: {features: [${possible.features.join(', ')}]}\` if guests may see the difference`
    case 'none':
      return undefined
    default:
      return possible satisfies never
  }
}

/** The vCPU feature without which the difference would be inert. */
const actingWith = (
  register: string,
  { name }: Field,
  vcpuFeatures: readonly VcpuFeature[],
): VcpuFeature | undefined => {
  const feature = inertField(register, name)?.actsWith
  return feature !== undefined && vcpuFeatures.includes(feature) ? feature : undefined
}

const MOST_NAMED = 3

const named = (classes: readonly string[]): string =>
  classes.length <= MOST_NAMED
    ? classes.join(', ')
    : `${classes.slice(0, MOST_NAMED - 1).join(', ')} and ${classes.length - MOST_NAMED + 1} more`

/** Beyond so many values a list of who shows which is no help any more. */
const MOST_VALUES = 4

const leaveOut = ({ byValue }: DisagreeingMembers): string => {
  const shown = byValue.map(([value, classes]) => `${raw(value)} on ${named(classes)}`)
  return shown.length < 2 || shown.length > MOST_VALUES
    ? 'select nodes that agree (`base.nodes.selector`)'
    : `select nodes that agree (\`base.nodes.selector\`): ${shown.join('; ')}`
}

const newerKernel = ({ behind }: DisagreeingMembers): string | undefined =>
  behind.length === 0
    ? undefined
    : `bring ${named(behind)} to a kernel whose KVM lets the field be changed, as that of the others does`

/** Why a field keeps a baseline of these members from being taken, and what would help. */
export const unlevelledFinding = (
  entry: UnlevelledField,
  vcpuFeatures: readonly VcpuFeature[],
  members: readonly Member[],
): PlanFinding => {
  const { register, field, values, why } = entry
  const reason: PlanReason = 'FieldNotLevelable'
  if (field === undefined) {
    const remedy =
      'bits of no field known to this version differ: select nodes that agree (`base.nodes.selector`), or upgrade'
    return { reason, register, writable: false, remedy }
  }
  const disagreeing = disagreeingMembers(entry, members)
  const possible = toleration(entry, field, vcpuFeatures)
  const ordered = field.rule === 'LowerSafe' || field.rule === 'None'
  const surplus = ordered && possible.kind !== 'inert'
  const vcpuFeature = vcpuFeatureOfField(register, field.name) ?? actingWith(register, field, vcpuFeatures)
  const remedies = [
    vcpuFeature && `set vcpuFeatures.${vcpuFeature} to Disabled`,
    newerKernel(disagreeing),
    tolerateRemedy(possible),
    surplus ? '`tolerate: {surplus: AcceptOneWay}` lets VMs move to the richer hosts only' : undefined,
    leaveOut(disagreeing),
  ].filter((remedy) => remedy !== undefined)
  return {
    reason,
    register,
    field: field.name,
    wanted: 'one value on all members',
    limit: values.map(raw).join(', ').slice(0, 64),
    writable: why === 'NoneInCommon',
    remedy: remedies.join('; or ').slice(0, 512),
  }
}
