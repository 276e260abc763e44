import { unknownKeys } from '../api/unknown-keys.ts'
import { launchState, type LaunchState } from '../launch/launch-state.ts'
import { readFixed, readForm, readSaved } from './saved-state.ts'

/** What cannot be read stays where it is: there may be a launch. */
export type Unreadable = { readonly kind: 'unreadable'; readonly why: string }

/** A part of what an ended supervisor left in the file of a launch. `empty`: it had not come so far. */
export type LeftPart<Part> = Unreadable | { readonly kind: 'empty' } | ({ readonly kind: 'left' } & Part)

const unreadable = (why: string): Unreadable => ({ kind: 'unreadable', why })

/** What was ordered, as JSON. Throws if it cannot read the file. */
export const readLeftOrder = (fd: number): LeftPart<{ readonly order: unknown }> => {
  const form = readForm(fd)
  switch (form.kind) {
    case 'empty':
      return { kind: 'empty' }
    case 'foreign':
      return unreadable('it is not the state of a launch')
    case 'other-version':
      return unreadable(`it has version ${form.version} of the form, and this cpufeatures reads another`)
    case 'current': {
      const order = readFixed(fd)
      if (order.kind === 'value') return { kind: 'left', order: order.value }
      return order.kind === 'empty' ? { kind: 'empty' } : unreadable('it is damaged')
    }
    default:
      return form satisfies never
  }
}

/** What was known of the launch. `empty`: no call had been served. Throws if it cannot read the file. */
export const readLeftLaunch = (fd: number): LeftPart<{ readonly launch: LaunchState }> => {
  const saved = readSaved(fd)
  if (saved.kind !== 'value') return saved.kind === 'empty' ? { kind: 'empty' } : unreadable('it is damaged')
  const launch = launchState.safeParse(saved.value)
  const isWhole = launch.success && unknownKeys(saved.value, launch.data).length === 0
  return isWhole
    ? { kind: 'left', launch: launch.data }
    : unreadable('another version of cpufeatures wrote it')
}
