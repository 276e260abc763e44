import { ERROR_CATALOGUE, type CatalogueEntry, type ErrorCode } from '../catalogue/error-codes.ts'

export type FailureDetails = {
  /** What was being done: `read the plan`, `KVM_SET_ONE_REG`. */
  readonly step: string
  /** What it was done to and with: registers by name, wanted, got, errno by name. 64-bit values as `0x...`. */
  readonly operands?: Readonly<Record<string, string | number | boolean>> | undefined
  readonly cause?: unknown
  /** Where this case has a better one than the catalogue's. */
  readonly remedy?: string | undefined
}

/** A failure with a code of the catalogue. User mistakes found by deciding code are values, not this. */
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
