import type { ReplayCell } from './replay-cell.ts'

/** A VM of one plan that goes from one host to another, and one that comes back. */
export type SampledPair = { readonly there: ReplayCell; readonly back: ReplayCell }

/** Predicted the same for the same kinds of reasons, whichever their registers are; where the VM is taken, with the same vCPU features. */
const kindOf = ({ predicted, reasons, plan }: ReplayCell): string => {
  const required = Object.entries(plan.vcpuFeatures).filter(([, policy]) => policy === 'Required')
  const why = predicted === 'taken' ? required.map(([name]) => name) : reasons.map(reasonOf)
  return [predicted, ...new Set(why)].join(' ')
}

const reasonOf = (reason: string): string => reason.split(' ')[0] ?? ''

/** One pair of hosts and plan of each kind: what is predicted there and back, and why. The first of a kind in the order of the cells. */
export const migrationSample = (cells: readonly ReplayCell[]): readonly SampledPair[] => {
  const sample = new Map<string, SampledPair>()
  for (const there of cells) {
    const back = cells.find(
      ({ from, to, terms }) => from === there.to && to === there.from && terms === there.terms,
    )
    if (back === undefined) continue
    const kind = [kindOf(there), kindOf(back)].sort().join(', ')
    if (!sample.has(kind)) sample.set(kind, { there, back })
  }
  return [...sample.values()]
}
