import type { ExplainedFeature } from '../answers/explain-feature.ts'
import type { FeatureOnHost } from '../answers/feature-on-host.ts'
import type { ExplainedHost } from '../answers/explain-host.ts'
import type { ExplainedPlan } from '../answers/explain-plan.ts'
import type { ExplainedRegister } from '../answers/explain-register.ts'
import type { ExplainedWords } from '../answers/explain-words.ts'
import { KEEP_ON_ONE_KIND } from '../../plan/core-kinds-text.ts'
import { renderItem, renderTable } from './render-table.ts'

/** Anything that `explain` explains. */
export type Explained = ExplainedFeature | ExplainedHost | ExplainedPlan | ExplainedRegister | ExplainedWords

const list = (label: string, items: readonly string[]): readonly string[] =>
  items.length === 0 ? [] : renderItem(label.padEnd(14), items.join(', '))

const onHostText = (on: FeatureOnHost): string => {
  switch (on.state) {
    case 'present':
      if (on.hideable === undefined) return 'present; unknown whether KVM can hide it'
      return on.hideable ? 'present, KVM can hide it' : 'present, KVM cannot hide it'
    case 'with-vcpu-feature':
      return `comes with the vCPU feature ${on.vcpuFeatures.join(' and ')}, and is absent without`
    case 'absent':
      return 'absent'
    case 'unknown':
      return `unknown: ${on.why}`
    default:
      return on satisfies never
  }
}

const featureLines = (one: ExplainedFeature): readonly string[] => [
  ...list('feature', [`${one.feature}${one.hwcaps.length > 0 ? ` (HWCAP ${one.hwcaps.join(', ')})` : ''}`]),
  ...list('since', [
    `optional from ${one.from ?? 'unknown'}${one.mandatoryFrom === undefined ? '' : `, mandatory from ${one.mandatoryFrom}`}`,
  ]),
  ...(one.shows.length === 0
    ? list('shows', [
        'in no ID register that KVM gives a guest, so a profile can neither disable nor require it',
      ])
    : one.shows.flatMap((place) => list('shows', [place]))),
  ...list('needs', one.needs),
  ...list('needed by', one.neededBy),
  ...one.notApplied.flatMap((text, index) => list(index === 0 ? 'not applied' : '', [text])),
  ...one.hosts.flatMap((on) => [
    ...list('on host', [`${on.host}: ${onHostText(on)}`]),
    ...(on.state === 'present' ? on.why.flatMap((text) => renderItem('  - ', text)) : []),
  ]),
]

const registerLines = (one: ExplainedRegister, wide: boolean): readonly string[] => {
  const valued = one.fields.some(({ value }) => value !== undefined)
  const header = ['FIELD', 'BITS', ...(valued ? ['VALUE'] : []), 'KVM ACCEPTS', 'FEATURES', 'REMARKS']
  const rows = one.fields.map(({ field, bits, value, meaning, kvmTakes, features, hwcaps, remarks }) => [
    field,
    bits,
    ...(valued ? [[value, meaning].filter((text) => text !== undefined).join(' ')] : []),
    kvmTakes,
    [...features, ...(wide ? hwcaps : [])].join(', '),
    remarks.join('; '),
  ])
  return [
    `${one.register} (${one.encoding}, KVM register ${one.kvmRegisterId})`,
    ...(one.cpu === undefined ? [] : [`This value names the CPU ${one.cpu}.`]),
    '',
    ...renderTable(header, rows),
    ...(one.bitsOfNoField === undefined
      ? []
      : ['', `The value sets bits that belong to no known field (RES0): ${one.bitsOfNoField}`]),
    ...(one.hosts.length === 0
      ? []
      : [
          '',
          ...renderTable(
            ['HOST', 'SHOWS', 'WRITABLE MASK', 'KVM DOES NOT LET CHANGE'],
            one.hosts.map(({ host, value, writableMask, notWritable = ['unknown'] }) => [
              host,
              value,
              writableMask,
              notWritable.join(', '),
            ]),
          ),
        ]),
  ]
}

const KERNEL_TOO_OLD =
  'older than Linux 6.7, since which KVM tells which fields may be changed: no profile fits this host'

const midrText = (canBeLevelled: boolean | undefined): string => {
  if (canBeLevelled === undefined) return 'nobody knows whether it can be levelled: KVM was not asked'
  return canBeLevelled ? 'can be levelled' : 'cannot be levelled: Linux before 6.15'
}

const sveText = (lengths: readonly number[] | undefined): readonly string[] => {
  if (lengths === undefined) return ['lengths unknown']
  return lengths.length > 0 ? [`${lengths.join(', ')} bits`] : []
}

const hostLines = (one: ExplainedHost): readonly string[] => [
  ...list('host', [`${one.host} (class ${one.class})`]),
  ...list('CPU', [`${one.cpu} (MIDR_EL1 ${one.midr}), Linux ${one.kernel}`]),
  ...(one.importedFrom === undefined
    ? []
    : list('made of', [`${one.importedFrom}: what is not in it is unknown`])),
  ...(one.cores === undefined ? [] : list('cores', [`${one.cores.join(', ')}: ${KEEP_ON_ONE_KIND}`])),
  ...list('host HWCAPs', one.hostHwcaps ?? []),
  ...list('vCPU features', one.vcpuFeatures),
  ...list(
    'not told',
    one.vcpuFeaturesUnknown.map((name) => `vCPU feature ${name}`),
  ),
  ...list('guests have', one.features),
  ...list('with vCPU f.', one.featuresOfVcpuFeatures),
  ...list('HWCAPs', one.hwcaps),
  ...(one.kernelTooOld ? list('kernel', [KERNEL_TOO_OLD]) : []),
  ...list('MIDR_EL1', [midrText(one.canShowOtherMidr)]),
  ...list('counter', [one.counterFrequencyHz === undefined ? 'unknown' : `${one.counterFrequencyHz} Hz`]),
  ...list('SVE', sveText(one.sveVectorLengthsBits)),
  ...list('IPA', [one.ipaBits === undefined ? 'unknown' : `${one.ipaBits} bits`]),
  ...list('trials', [
    one.trials === undefined
      ? 'none, so predictions rest on the rules'
      : `${one.trials.writes} writes tried, ${one.trials.deviating} deviate from the rules`,
  ]),
]

const planLines = (one: ExplainedPlan, wide: boolean): readonly string[] => [
  ...renderTable(
    ['REGISTER', 'FIELD', 'VALUE', 'FEATURES'],
    one.fields.map(({ register, field, value, meaning, features, hwcaps }) => [
      register,
      field,
      [value, meaning].filter((text) => text !== undefined).join(' '),
      [...features, ...(wide ? hwcaps : [])].join(', '),
    ]),
  ),
  '',
  ...renderTable(['BESIDES', ''], Object.entries(one.besides)),
  ...(one.notes.length > 0 ? [''] : []),
  ...one.notes.flatMap((note) => renderItem('- ', note)),
]

const wordLines = ({ model, words }: ExplainedWords): readonly string[] => [
  ...(model === undefined ? [] : list('model', [model])),
  ...(words.length === 0
    ? []
    : renderTable(
        ['WORD', 'MEANS', 'IN A PROFILE'],
        words.map(({ word, features, on, profile }) => [
          word,
          features.length === 0
            ? 'an option that is not a feature'
            : `${on ? 'with' : 'without'} ${features.join(', ')}`,
          profile.join('; ') || 'cannot be said',
        ]),
      )),
]

/** An explanation for people. */
export const explainLines = (one: Explained, wide: boolean): readonly string[] => {
  switch (one.kind) {
    case 'feature':
      return featureLines(one)
    case 'register':
      return registerLines(one, wide)
    case 'host':
      return hostLines(one)
    case 'plan':
      return planLines(one, wide)
    case 'words':
      return wordLines(one)
    default:
      return one satisfies never
  }
}
