import type { Metrics } from './metrics.ts'

type Outcome = { readonly result: string; readonly seconds: number }

/** Counts and times the reconciles of one controller or task: `observe` of runWorkers. */
export const observeReconciles = (metrics: Metrics, controller: string) => {
  metrics.begin('cpufeatures_reconcile_total', { controller, result: 'error' })
  return ({ result, seconds }: Outcome): void => {
    metrics.increment('cpufeatures_reconcile_total', { controller, result })
    metrics.observe('cpufeatures_reconcile_duration_seconds', { controller }, seconds)
  }
}
