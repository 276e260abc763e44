import { fieldName } from '../../arm64/field-ref.ts'
import type { Finding, ToleratedDifference } from '../../api/finding.ts'
import { coreKindsText, hasSeveralKinds, KEEP_ON_ONE_KIND } from '../../plan/core-kinds-text.ts'
import { renderFinding } from '../../compatibility/render-finding.ts'
import { classLabel, classRows, CLASS_HEADER } from '../input/named-class.ts'
import type { NamedClass } from '../input/named-class.ts'
import { outputWidth, renderItem, renderTable, wrapText } from './render-table.ts'
import type { CheckReport, ClassVerdict, PairReach } from '../answers/check-report.ts'

const SHOWN_FINDINGS = 4

const toleratedText = (tolerated: readonly ToleratedDifference[]): string =>
  tolerated.map((one) => `${fieldName(one)} (${one.kind})`).join(', ')

const REMARKS: Readonly<Record<ClassVerdict['basis'], string>> = {
  trials: 'its document lacks a fact that decides (run cpufeatures probe on the host)',
  rules:
    'nobody tried values on this host, so only the rules say what its KVM accepts (cpufeatures probe on the host tries them)',
  'no-masks':
    'known only from a dump without writable masks, so nobody knows whether its KVM accepts the values ' +
    '(cpufeatures probe on the host tells)',
}

/** Verdicts with the same basis share a line. */
const unprovenLines = ({ verdicts }: CheckReport): readonly string[] => {
  const unproven = verdicts.filter((one) => one.verdict === 'unproven')
  return [...Map.groupBy(unproven, ({ basis }) => basis)].flatMap(([basis, group]) => {
    const who = group.map((one) => classLabel(one.class)).join(', ')
    return ['', ...wrapText(`UNPROVEN ${who}: ${REMARKS[basis]}`, outputWidth())]
  })
}

const MOST_CLASSES = 3

const classNames = (classes: readonly NamedClass[]): string => {
  const named = classes.slice(0, MOST_CLASSES).map((one) => `${one.class} (${classLabel(one)})`)
  const more = classes.length - named.length
  return `${named.join(', ')}${more > 0 ? ` and ${more} more classes` : ''}`
}

/** What is found of several classes alike is said once: a mistake in a profile is one of each class. */
const findingLines = ({ verdicts }: CheckReport, wide: boolean): readonly string[] => {
  const texts = verdicts.map(({ findings }) => findings.map(renderFinding))
  const groups = Map.groupBy([...texts.keys()], (index) => texts[index]?.join('\n') ?? '')
  return [...groups.values()].flatMap((indices) => {
    const all = texts[indices[0] ?? 0] ?? []
    const shown = wide ? all : all.slice(0, SHOWN_FINDINGS)
    const more = all.length - shown.length
    if (shown.length === 0) return []
    return [
      '',
      ...wrapText(`${classNames(indices.flatMap((index) => verdicts[index]?.class ?? []))}:`, outputWidth()),
      ...shown.flatMap((text) => renderItem('  - ', text)),
      ...(more > 0 ? [`  and ${more} more (-o wide shows all)`] : []),
    ]
  })
}

const REACH_WORDS: Readonly<Record<PairReach['reach'], string>> = {
  'both-ways': '<->',
  'one-way': '-->',
  never: '-x-',
  unknown: '-?-',
}

const SHOWN_PAIRS = 12

const subjectOf = ({ register, field, reason }: Finding): string =>
  register === undefined ? reason : fieldName({ register, field })

/** The two ends of a pair: two classes, or one of several hosts. */
const endsOf = ({ from, to }: PairReach): readonly [string, string] => {
  const [first = '', second = '', ...others] = from.names
  if (from !== to) return [classLabel(from), classLabel(to)]
  return [first, others.length === 0 ? second : `${others.length + 1} others of its class`]
}

const pairLines = (pair: PairReach, wide: boolean): readonly string[] => {
  const { reach, findings } = pair
  const [from, to] = endsOf(pair)
  const head = `  ${from} ${REACH_WORDS[reach]} ${to}  ${reach}`
  if (wide) return [head, ...findings.flatMap((finding) => renderItem('    - ', renderFinding(finding)))]
  const subjects = [...new Set(findings.map(subjectOf))]
  return renderItem(
    '  ',
    `${head.trim()}${subjects.length > 0 ? `: ${subjects.slice(0, 6).join('; ')}` : ''}`,
  )
}

/** Between which pairs VMs can move, and what decides; `wide` adds the sentences and the pairs that work both ways. */
export const reachLines = (pairs: readonly PairReach[], wide: boolean): readonly string[] => {
  const limited = pairs.filter((pair) => pair.reach !== 'both-ways')
  const shown = wide ? pairs : limited.slice(0, SHOWN_PAIRS)
  const more = wide ? 0 : limited.length - shown.length
  if (pairs.length === 0) return []
  return [
    '',
    `REACH: ${pairs.length - limited.length} of ${pairs.length} pairs both ways`,
    ...shown.flatMap((pair) => pairLines(pair, wide)),
    ...(more > 0 ? [`  and ${more} more`] : []),
    ...(limited.length > 0 && !wide ? ['  (-o wide says why, and what would help)'] : []),
  ]
}

/** Classes with the same tolerated differences share a line: only some differ in CTR_EL0.TminLine. */
const toleratedLines = ({ verdicts }: CheckReport): readonly string[] => {
  const tolerating = verdicts.filter((one) => one.tolerated.length > 0)
  const groups = Map.groupBy(tolerating, (one) => toleratedText(one.tolerated))
  const everywhere = groups.size === 1 && tolerating.length === verdicts.length
  return [...groups].flatMap(([text, members], index) => {
    const who = everywhere ? '' : ` by ${members.map((one) => classLabel(one.class)).join(', ')}`
    const mark = `TOLERATED${who} (hosts differ here; each keeps its own value): `
    return [...(index === 0 ? [''] : []), ...wrapText(`${mark}${text}`, outputWidth())]
  })
}

/** The hosts of which a verdict holds for VMs on one kind of cores only. */
const coreLines = ({ verdicts }: CheckReport): readonly string[] =>
  verdicts
    .filter(({ class: { host } }) => hasSeveralKinds(host))
    .flatMap(({ class: one }) => [
      '',
      ...wrapText(
        `CORES ${classLabel(one)}: ${coreKindsText(one.host).join(', ')}; ${KEEP_ON_ONE_KIND}`,
        outputWidth(),
      ),
    ])

/** A report for people: the verdict of each class, then every reason; `wide` leaves nothing out. */
export const checkTable = (report: CheckReport, wide: boolean): readonly string[] => {
  const classes = report.verdicts.map((one) => one.class)
  const rows = classRows(classes).map((row, index) => [...row, report.verdicts[index]?.verdict ?? ''])
  return [
    ...renderTable([...CLASS_HEADER, 'VERDICT'], rows),
    ...findingLines(report, wide),
    ...unprovenLines(report),
    ...toleratedLines(report),
    ...coreLines(report),
    ...reachLines(report.pairs, wide),
  ]
}
