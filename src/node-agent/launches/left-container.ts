import type { LaunchPolicy } from '../../launch/decide/launch-policy.ts'
import type { LaunchState } from '../../launch/launch-state.ts'
import { readLeftLaunch, readLeftOrder, type Unreadable } from '../../supervisor/left-state.ts'
import { readContainerOrder, type ContainerOrder } from './container-order.ts'

/** What an agent before this one left of a listener in a file. */
export type LeftContainer =
  | {
      readonly kind: 'left'
      readonly order: ContainerOrder
      readonly policy: LaunchPolicy | undefined
      /** Undefined: no call had been served. */
      readonly launch: LaunchState | undefined
    }
  | { readonly kind: 'empty' }
  | Unreadable

/** Reads what an agent before this one left of a listener. Throws if it cannot read the file. */
export const readLeftContainer = (fd: number): LeftContainer => {
  const left = readLeftOrder(fd)
  if (left.kind !== 'left') return left
  const read = readContainerOrder(left.order)
  if (read.kind !== 'order') return { kind: 'unreadable', why: read.why }
  const launch = readLeftLaunch(fd)
  if (launch.kind === 'unreadable') return launch
  return { ...read, kind: 'left', launch: launch.kind === 'left' ? launch.launch : undefined }
}
