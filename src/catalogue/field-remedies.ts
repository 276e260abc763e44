/** A field in which a host does not show what a plan wants. `features`: the FEAT_ names that tell the two values apart. */
export type UnfitField =
  /** The plan asks for a value; the host has `shown`. */
  | { readonly because: 'specified'; readonly features: readonly string[]; readonly shown: string }
  /** The plan tolerates a difference, and the host has less than was promised. */
  | { readonly because: 'promised'; readonly features: readonly string[] }

const OTHER_HOSTS = 'use a baseline that includes such hosts, or use other hosts'

/** For a field that could be brought together with the host's. */
export const otherValue = (field: UnfitField): string => {
  const features = field.features.join(', ')
  switch (field.because) {
    case 'specified':
      return features === ''
        ? `ask for ${field.shown} in spec.registers, ${OTHER_HOSTS}`
        : `disable ${features} in spec.features, ${OTHER_HOSTS}`
    case 'promised':
      return `use other hosts, or use a baseline that includes such hosts${features === '' ? '' : ` and does not show ${features}`}`
    default:
      return field satisfies never
  }
}

/** For a field that KVM lets nobody change. `inert`: guests cannot act on the difference. */
export const notWritable = (field: UnfitField, inert: boolean): string => {
  if (field.because === 'promised') return otherValue(field)
  const leaveOut = 'use other hosts, or use a kernel whose KVM lets the field be changed'
  const baseline = 'in a profile whose baseline includes such hosts'
  if (inert)
    return `${leaveOut}; or set \`tolerate: {inert: Accept}\` ${baseline}: guests cannot act on the difference`
  return field.features.length === 0
    ? leaveOut
    : `${leaveOut}; or set \`tolerate: {features: [${field.features.join(', ')}]}\` ${baseline}`
}

/** A field that no common value can be found for, among the members of a baseline. */
export type UnlevelableField =
  /** Bits that belong to no field known to this version. */
  | { readonly kind: 'unnamed-bits' }
  | {
      readonly kind: 'field'
      /** The vCPU feature without which the difference would be gone, or inert. */
      readonly vcpuFeature: string | undefined
      readonly toleration: Toleration
      /** Whether one of the values is more than another, so that VMs can move one way. */
      readonly isSurplus: boolean
      /** The classes by what they show (raw, ascending). */
      readonly byValue: readonly (readonly [raw: number, classes: readonly string[]])[]
      /** The classes whose kernel does not let the field be changed, where that of the others does. */
      readonly behind: readonly string[]
    }

/** How a profile could tolerate a difference. */
export type Toleration =
  | { readonly kind: 'inert' }
  /** By the names that guests tell it by. */
  | { readonly kind: 'features'; readonly features: readonly string[] }
  | { readonly kind: 'none' }

const LONGEST = 512
const MOST_NAMED = 3
/** With more values than this, a list of who shows which does not help any more. */
const MOST_VALUES = 4

const named = (classes: readonly string[]): string =>
  classes.length <= MOST_NAMED
    ? classes.join(', ')
    : `${classes.slice(0, MOST_NAMED - 1).join(', ')} and ${classes.length - MOST_NAMED + 1} more`

const tolerate = (possible: Toleration): string | undefined => {
  switch (possible.kind) {
    case 'inert':
      return 'set `tolerate: {inert: Accept}`: guests cannot act on the difference'
    case 'features':
      return `set \`tolerate: {features: [${possible.features.join(', ')}]}\` if guests may see the difference`
    case 'none':
      return undefined
    default:
      return possible satisfies never
  }
}

const selectNodes = (byValue: readonly (readonly [number, readonly string[]])[]): string => {
  const select = 'select nodes that show the same value (`base.nodes.selector`)'
  const shown = byValue.map(([value, classes]) => `0x${value.toString(16)} on ${named(classes)}`)
  return shown.length < 2 || shown.length > MOST_VALUES ? select : `${select}: ${shown.join('; ')}`
}

/** For a field in which the members of a baseline differ. */
export const unlevelable = (field: UnlevelableField): string => {
  if (field.kind === 'unnamed-bits')
    return (
      'the nodes differ in bits that belong to no field known to this version: select nodes that show the same value ' +
      '(`base.nodes.selector`), or upgrade cpufeatures'
    )
  const { vcpuFeature, toleration, isSurplus, byValue, behind } = field
  const remedies = [
    vcpuFeature && `set vcpuFeatures.${vcpuFeature} to Disabled`,
    behind.length > 0
      ? `bring ${named(behind)} to a kernel whose KVM lets the field be changed, as that of the others does`
      : undefined,
    tolerate(toleration),
    isSurplus
      ? 'set `tolerate: {surplus: AcceptOneWay}`: VMs can then move only to the hosts that show more'
      : undefined,
    selectNodes(byValue),
  ].filter((remedy) => remedy !== undefined)
  return remedies.join('; or ').slice(0, LONGEST)
}
