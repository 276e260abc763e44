import type { LaunchMoment } from '../../launch/act/launch-session.ts'
import type { LaunchRecord } from '../../launch/record/launch-record.ts'
import type { LookedUp } from './look-up-container.ts'

type Unlevelled<Kind extends LookedUp['kind']> = Omit<Extract<LookedUp, { kind: Kind }>, 'kind'>

/** What becomes of the VMs of a container, as it happens. */
export type ContainerNews =
  | {
      readonly kind: 'launch'
      readonly revision: string
      readonly moment: LaunchMoment
      readonly record: LaunchRecord
    }
  | ({ readonly kind: 'refused' } & Unlevelled<'refuse'>)
  | ({ readonly kind: 'passed' } & Unlevelled<'pass'>)
