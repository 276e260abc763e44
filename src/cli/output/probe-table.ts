import type { HostDocument } from '../../api/host-document.ts'
import { fromHex64 } from '../../api/hex64.ts'
import { cpuName } from '../../arm64/cpu-name.ts'
import { coreKindsText, hasSeveralKinds } from '../../plan/core-kinds-text.ts'
import { toldSveLengths } from '../../prediction/told-of-host.ts'
import { renderItem, renderTable } from './render-table.ts'

const labelled = (rows: readonly (readonly [string, string])[]): readonly string[] => {
  const indent = Math.max(...rows.map(([label]) => label.length)) + 2
  return rows.flatMap(([label, text]) => renderItem(label.padEnd(indent), text))
}

const orNone = (texts: readonly (string | number)[]): string => texts.join(' ') || 'none'

const counterText = (hertz: number | undefined): string =>
  hertz === undefined ? 'could not be measured' : `${hertz / 1_000_000} MHz`

const pmuText = ({ pmu }: HostDocument): string =>
  pmu === undefined
    ? 'none'
    : `${pmu.counters} event counters, PMCEID0 ${pmu.pmceid0}, PMCEID1 ${pmu.pmceid1}`

const configurationText = ({
  vcpuFeatures,
  implementationId,
}: HostDocument['configurations'][number]): string =>
  [...vcpuFeatures, ...(implementationId === true ? ['implementation-ID'] : [])].join('+')

const listText = ({ registerList: list }: HostDocument): string =>
  list === undefined
    ? 'unknown'
    : `${list.added.length} more and ${list.removed.length} fewer than the shipped list`

const summary = (host: HostDocument): readonly string[] =>
  labelled([
    [
      'CPU',
      `${cpuName(fromHex64(host.cpu.midr))} (MIDR ${host.cpu.midr}, REVIDR ${host.cpu.revidr ?? 'unknown'})`,
    ],
    ...(hasSeveralKinds(host) ? ([['CORES', coreKindsText(host).join(', ')]] as const) : []),
    ['KERNEL', host.kernel.release],
    ['VCPU FEATURES', orNone(host.vcpuFeatures)],
    ['CONFIGURATIONS', orNone(['plain', ...host.configurations.map(configurationText)])],
    ['SVE LENGTHS', orNone(toldSveLengths(host) ?? ['unknown'])],
    ['PMU', pmuText(host)],
    ['COUNTER', counterText(host.counterFrequency)],
    ['DCZID', host.dczid ?? 'could not be measured'],
    ['IPA SIZE', host.ipaBits === undefined ? 'unknown' : `${host.ipaBits} bits`],
    ['REGISTER LIST', listText(host)],
    ['UNKNOWN BITS', orNone(Object.keys(host.unknownMaskBits ?? {}))],
    ['DEVIATIONS', String(host.deviations.length)],
  ])

const registers = (host: HostDocument): readonly string[] =>
  renderTable(
    ['REGISTER', 'A FRESH VCPU SHOWS', 'WRITABLE MASK'],
    Object.entries(host.guestView).map(([name, value]) => [name, value, host.writableMasks?.[name] ?? '']),
  )

const firmware = (host: HostDocument): readonly string[] =>
  renderTable(['FIRMWARE REGISTER', 'VALUE'], Object.entries(host.firmwareRegisters))

/** A host document for people: the summary; `wide` adds the plain view, the masks and the firmware registers. */
export const renderHost = (host: HostDocument, wide: boolean): string =>
  [...summary(host), ...(wide ? ['', ...registers(host), '', ...firmware(host)] : [])]
    .map((line) => `${line}\n`)
    .join('')
