import { ERROR_CATALOGUE, type CatalogueEntry, type ErrorCode } from '../catalogue/error-codes.ts'

export type FailureDetails = {
  /** The step that failed: `read the plan`, `KVM_SET_ONE_REG`. */
  readonly step: string
  /** The operands of the step: registers by name, wanted, got, errno by name. 64-bit values as `0x...`. */
  readonly operands?: Readonly<Record<string, string | number | boolean>> | undefined
  readonly cause?: unknown
  /** A remedy for this case, if there is a better one than the catalogue's. */
  readonly remedy?: string | undefined
}

/** A failure with a code of the catalogue. Deciding code returns mistakes of users as values, and throws none of these. */
export class CpuFeaturesError extends Error {
  readonly code: ErrorCode
  readonly step: string
  readonly operands: Readonly<Record<string, string | number | boolean>>
  readonly remedy: string
  readonly exitCode: number

  constructor(code: ErrorCode, details: FailureDetails) {
    const entry: CatalogueEntry = ERROR_CATALOGUE[code]
    super(messageOf(entry, details), details.cause === undefined ? undefined : { cause: details.cause })
    this.name = 'CpuFeaturesError'
    this.code = code
    this.step = details.step
    this.operands = details.operands ?? {}
    this.remedy = details.remedy ?? entry.remedy
    this.exitCode = entry.exitCode ?? 1
  }
}

const messageOf = (entry: CatalogueEntry, details: FailureDetails): string => {
  const operands = Object.entries(details.operands ?? {}).map(([name, value]) => `${name}=${value}`)
  const where = [details.step, ...operands].join(' ')
  const cause = details.cause instanceof Error ? `: ${details.cause.message}` : ''
  return `${entry.summary.replace(/\.$/, '')} (${where})${cause}`
}
