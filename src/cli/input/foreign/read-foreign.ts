import { InputError } from '../input-error.ts'
import { jsonValue } from '../json-value.ts'
import { yamlValues } from '../yaml-values.ts'
import { readFirecracker } from './firecracker-dump.ts'
import type { ForeignTemplate } from './firecracker-dump.ts'
import type { ForeignHost } from './foreign-host.ts'
import { isCpuinfo, readCpuinfo } from './linux-cpuinfo.ts'
import { lscpuEntries, readLscpu } from './lscpu.ts'
import { jsonRegisters } from './register-json.ts'
import { listedRegisters, readRegisterList } from './register-list.ts'
import { unreadRegisters } from './unread-registers.ts'

/** What another program's output is. */
export type Foreign = ForeignHost | ForeignTemplate

const KNOWN =
  "a dump or a CPU template of Firecracker's cpu-template-helper, /proc/cpuinfo, lscpu (also with -J), midr_el1 of sysfs, " +
  'or a list of registers with their values'

const ours = (value: unknown): string | undefined => {
  if (typeof value !== 'object' || value === null) return undefined
  if ('guestView' in value) return 'a host document already: give it to the other verbs as it is'
  return 'apiVersion' in value && 'kind' in value
    ? 'an object of Kubernetes: give it to the other verbs as it is'
    : undefined
}

const ofJson = (text: string, source: string): Foreign | undefined => {
  const [whole, ...more] = yamlValues(text, source, { exact: true })
  const value: unknown = Array.isArray(whole) && whole.length === 1 ? whole[0] : whole
  const own = ours(value)
  if (own !== undefined) throw new InputError(`${source} is not a dump, but ${own}`)
  if (
    more.length > 0 ||
    (Array.isArray(value) && value.some((one) => readFirecracker(one, source) !== undefined))
  )
    throw new InputError(`${source} holds several dumps; import one at a time`)
  const entries = lscpuEntries({ text, json: value })
  if (entries !== undefined) return readLscpu(entries, source)
  const template = readFirecracker(asNumbers(value), source)
  if (template !== undefined) return template
  const listed = jsonRegisters(value)
  return listed.length === 0
    ? undefined
    : readRegisterList(listed, source, unreadRegisters(text, new Set(listed.map(({ id }) => id))))
}

/** Firecracker's own numbers are small. */
const asNumbers = (value: unknown): unknown =>
  JSON.parse(JSON.stringify(value, (_, one: unknown) => (typeof one === 'bigint' ? Number(one) : one)))

const ofText = (text: string, source: string): Foreign | undefined => {
  if (/^(?:formatVersion|guestView|apiVersion): ?/m.test(text))
    throw new InputError(
      `${source} is not a dump, but a document of cpufeatures: give it to the other verbs directly`,
    )
  if (isCpuinfo(text)) return readCpuinfo(text, source)
  const entries = lscpuEntries({ text })
  if (entries !== undefined) return readLscpu(entries, source)
  const listed = listedRegisters(text)
  return listed.length === 0 ? undefined : readRegisterList(listed, source, unreadRegisters(text))
}

/** What a text of another program is. Throws InputError if it is nothing that can be read, or malformed. */
export const readForeign = (text: string, source: string): Foreign => {
  if (text.trim() === '') throw new InputError(`${source}: there is nothing in it`)
  const isJson = /^\s*[{[]/.test(text) && jsonValue(text, source) !== undefined
  const found = isJson ? ofJson(text, source) : ofText(text, source)
  if (found === undefined) throw new InputError(`${source} is none of these: ${KNOWN}`)
  return found
}
