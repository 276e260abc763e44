import { microTime, type LeaseSpec } from './lease.ts'

/** A lease as this process last saw it change, by its own monotonic clock. */
export type LeaseObservation = {
  readonly spec: LeaseSpec
  readonly seenAtMs: number
}

export type LeaseCandidate = {
  readonly identity: string
  readonly leaseSeconds: number
}

export type LeaseDecision =
  { readonly kind: 'take'; readonly spec: LeaseSpec } | { readonly kind: 'wait'; readonly holder: string }

/**
 * Whether to write the lease now. Another candidate's lease has expired when *we* have seen no change of it for its duration. Its
 * timestamps come from another machine's clock, so we never compare them with ours (client-go `leaderelection.go`).
 */
export const decideLease = (
  candidate: LeaseCandidate,
  observation: LeaseObservation | undefined,
  nowMs: { readonly wall: number; readonly monotonic: number },
): LeaseDecision => {
  const holder = observation?.spec.holderIdentity ?? ''
  const ours = holder === candidate.identity
  const free = observation === undefined || holder === '' || ranOut(observation, candidate, nowMs.monotonic)
  if (!free && !ours) return { kind: 'wait', holder }
  return { kind: 'take', spec: takenLease(candidate, observation?.spec, ours, microTime(nowMs.wall)) }
}

/** Renewing keeps when it was acquired; taking it over counts a transition. */
const takenLease = (
  candidate: LeaseCandidate,
  held: LeaseSpec | undefined,
  ours: boolean,
  now: string,
): LeaseSpec => {
  const transitions = held?.leaseTransitions ?? 0
  return {
    holderIdentity: candidate.identity,
    leaseDurationSeconds: candidate.leaseSeconds,
    acquireTime: ours ? (held?.acquireTime ?? now) : now,
    renewTime: now,
    leaseTransitions: ours || held === undefined ? transitions : transitions + 1,
  }
}

const ranOut = (observation: LeaseObservation, candidate: LeaseCandidate, monotonicMs: number): boolean => {
  const seconds = observation.spec.leaseDurationSeconds ?? candidate.leaseSeconds
  return observation.seenAtMs + seconds * 1000 <= monotonicMs
}

/** What the holder leaves behind when it stops in good order: no holder, and a second to wait. */
export const releasedLease = (held: LeaseSpec, identity: string, wallMs: number): LeaseSpec | undefined => {
  if (held.holderIdentity !== identity) return undefined
  const now = microTime(wallMs)
  return {
    holderIdentity: '',
    leaseDurationSeconds: 1,
    acquireTime: now,
    renewTime: now,
    leaseTransitions: held.leaseTransitions ?? 0,
  }
}
