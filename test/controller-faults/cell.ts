import type { FaultName } from './controller-fault.ts'
import type { ScenarioName } from './scenarios.ts'

/** A request of a scenario: its form, and its number among those of this form (`FORM #2`). */
export type RequestRow = { readonly scenario: ScenarioName; readonly request: string }

/** A fault at a request of a scenario. */
export type Cell = { readonly fault: FaultName } & RequestRow

export const cellName = ({ scenario, request, fault }: Cell): string => `${scenario} | ${request} | ${fault}`
