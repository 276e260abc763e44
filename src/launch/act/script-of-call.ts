import type { CallSituation, LaunchHost } from '../decide/call-situation.ts'
import type { LaunchPolicy } from '../decide/launch-policy.ts'
import type { NotifiedCall } from '../decide/notified-call.ts'
import { whenToLook } from '../decide/when-to-look.ts'
import type { Script } from '../script/action.ts'
import { initVcpu } from '../script/init-vcpu.ts'
import { serveCall } from '../script/serve-call.ts'
import { CallVcpus, type MemoryOfVcpus, type SeenVcpus } from './call-vcpus.ts'
import type { KeptVms } from './kept-vms.ts'

/** What a call is decided by. */
export type Deciding = {
  readonly policy: LaunchPolicy
  readonly host: LaunchHost
  readonly memory: MemoryOfVcpus & { readonly vms: KeptVms }
  readonly vcpus: CallVcpus
}

/** What is known of a call, of which so much was seen. */
export const situationOf = (
  { host, memory: { vms } }: Omit<Deciding, 'policy' | 'vcpus'>,
  { vcpu, mayHaveRun }: SeenVcpus,
): CallSituation => {
  const { features, list: registerList } = vcpu.kind === 'vcpu' ? vms.get(vcpu.label) : {}
  return { vcpu, mayHaveRun, features, registerList, freshLabel: CallVcpus.freshLabel(vms), host }
}

/** A call that waits, whether it does so yet, and whether its thread is in this call again after a signal. */
export type WaitingCall = {
  readonly call: NotifiedCall
  readonly args: readonly bigint[]
  readonly isWaiting: () => boolean
  readonly isMadeAgain: () => boolean
}

/** What serves a call; undefined if it waits no more. */
export const scriptOfCall = (
  deciding: Deciding,
  { call, args, isWaiting, isMadeAgain }: WaitingCall,
): Script<string> | undefined => {
  const { policy, vcpus, memory } = deciding
  const when = whenToLook(policy, call, { vcpu: vcpus.own, isOutOfSight: memory.isOutOfSight })
  // A stop could make another call of the thread fail with EINTR. That it is in this one its registers tell, when it is stopped.
  if (when === 'stopped' && call.kind === 'vcpu-init')
    return isWaiting() || isMadeAgain() ? initVcpu(policy, call) : undefined
  const seen = when === 'never' ? vcpus.ownOnly() : vcpus.look()
  // What was seen is of this very call only if it waits yet.
  return isWaiting() ? serveCall(policy, { call, args, situation: situationOf(deciding, seen) }) : undefined
}
