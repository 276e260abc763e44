import { PROFILE_CONDITIONS } from '../api/cpu-feature-profile.ts'
import type { Metrics } from '../observability/metrics.ts'
import type { ClusterState } from './cluster-state.ts'

/** Keeps the gauges of the fleet up to date. */
export const fleetMetrics = (state: ClusterState, metrics: Metrics): void => {
  state.onClasses(() => {
    metrics.set('cpufeatures_fleet_host_classes', {}, state.classes.entries().length)
    metrics.set('cpufeatures_fleet_refused_revisions', {}, state.classes.refusals().length)
  })
  metrics.set('cpufeatures_break_glass', {}, 0)
  state.onSettings(() => {
    metrics.set('cpufeatures_break_glass', {}, state.breakGlass === undefined ? 0 : 1)
  })
  state.profiles.subscribe(() => {
    const counts = { True: 0, False: 0, Unknown: 0 }
    let stranded = 0
    for (const { status } of state.profiles.list()) {
      stranded += status?.strandedVms?.count ?? 0
      const one = status?.conditions?.find(({ type }) => type === PROFILE_CONDITIONS.schedulable)
      counts[one?.status ?? 'Unknown'] += 1
    }
    metrics.set('cpufeatures_fleet_stranded_vms', {}, stranded)
    for (const [schedulable, count] of Object.entries(counts))
      metrics.set('cpufeatures_fleet_profiles', { schedulable }, count)
  })
}
