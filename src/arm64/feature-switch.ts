import { featuresBySpelling } from './feature-spelling.ts'

/** A feature that is switched on or off, as in options of compilers and emulators: `sve=off`, `+nocrc`, `-neon`. */
export type FeatureSwitch = { readonly name: string; readonly on: boolean }

const VALUES: Readonly<Record<string, boolean>> = {
  on: true,
  off: false,
  true: true,
  false: false,
  yes: true,
  no: false,
  '1': true,
  '0': false,
}

const assigned = (text: string): FeatureSwitch | undefined => {
  const [name = '', value = '', ...more] = text.split('=')
  const on = VALUES[value.toLowerCase()]
  return on === undefined || more.length > 0 ? undefined : { name, on }
}

/** The switch that a text is; undefined for a plain name, also where that begins with `no` (`NV`, `nTLBPA` and so on are features). */
export const featureSwitch = (text: string): FeatureSwitch | undefined => {
  if (text.includes('=')) return assigned(text)
  if (text.startsWith('-')) return { name: `+${text.slice(1)}`, on: false }
  if (featuresBySpelling(text) !== undefined)
    return text.startsWith('+') ? { name: text, on: true } : undefined
  const without = /^(\+?)no-?(.+)$/i.exec(text)
  return without === null ? undefined : { name: `${without[1] ?? ''}${without[2] ?? ''}`, on: false }
}
