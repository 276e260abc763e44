import { kvmIdIn, registerBySpelling } from '../../../arm64/register-spelling.ts'
import type { ListedRegister } from './register-list.ts'
import { writtenNumber } from './register-number.ts'
import type { WrittenNumber } from './register-number.ts'

const NAME_KEYS = ['name', 'register', 'reg', 'id', 'reg_id', 'addr', 'address', 'encoding']
const VALUE_KEYS = ['value', 'val', 'data', 'bits', 'contents']

type JsonObject = Readonly<Record<string, unknown>>

const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const numberIn = (value: unknown): WrittenNumber | undefined => {
  if (typeof value === 'bigint' && value >= 0n) return { digits: value.toString(16), base: 'hex' }
  return typeof value === 'string' ? writtenNumber(value.trim()) : undefined
}

const idIn = (value: unknown): bigint | undefined => {
  const text = typeof value === 'bigint' ? `0x${value.toString(16)}` : value
  return typeof text === 'string' ? (kvmIdIn(text) ?? registerBySpelling(text)?.kvmRegisterId) : undefined
}

const firstOf = <T>(
  object: JsonObject,
  keys: readonly string[],
  read: (value: unknown) => T | undefined,
): T | undefined => {
  const [key] = Object.keys(object).filter(
    (one) => keys.includes(one.toLowerCase()) && read(object[one]) !== undefined,
  )
  return key === undefined ? undefined : read(object[key])
}

type Place = { readonly place: string; readonly cpu?: number }

const pair = (
  id: bigint | undefined,
  written: WrittenNumber | undefined,
  at: Place,
): readonly ListedRegister[] | undefined =>
  id === undefined || written === undefined ? undefined : [{ id, written, ...at }]

const ofEntry = (key: string, value: unknown, at: Place): readonly ListedRegister[] => {
  const cpu = /^cpu[\s_-]*(\d+)$/i.exec(key)?.[1]
  const place = {
    ...at,
    place: at.place === '' ? key : `${at.place}.${key}`,
    ...(cpu !== undefined && { cpu: Number(cpu) }),
  }
  const written = isObject(value) ? firstOf(value, VALUE_KEYS, numberIn) : numberIn(value)
  return pair(idIn(key), written, place) ?? jsonRegisters(value, place)
}

/** The registers that JSON lists, in whatever shape: `{name: value}`, `{name, value}`, `[name, value]`, deep or flat. */
export const jsonRegisters = (value: unknown, at: Place = { place: '' }): readonly ListedRegister[] => {
  if (Array.isArray(value)) {
    const [name, number] = value as readonly unknown[]
    const both = value.length === 2 ? pair(idIn(name), numberIn(number), at) : undefined
    return (
      both ?? value.flatMap((item, index) => jsonRegisters(item, { ...at, place: `${at.place}[${index}]` }))
    )
  }
  if (!isObject(value)) return []
  const own = pair(firstOf(value, NAME_KEYS, idIn), firstOf(value, VALUE_KEYS, numberIn), at)
  return own ?? Object.entries(value).flatMap(([key, child]) => ofEntry(key, child, at))
}
