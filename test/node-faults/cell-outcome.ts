import { parseGuestReport } from '../e2e/guest-report.ts'
import { printedVcpus } from '../host/vmms/vmm-launch.ts'

/** What was seen of a pod when the fault was over. */
export type PodSeen = {
  /** What its guest or its small VMMs printed. */
  readonly printed: string
  /** Of its first process; undefined: it runs. */
  readonly exitCode: number | undefined
  /** Whether it came to what it should in time. */
  readonly isDone: boolean
  /** How often its exec probe failed. */
  readonly failedProbes: number
}

/** The features that the profile of the pods disables, as /proc/cpuinfo names them. */
const HIDDEN = ['sve', 'i8mm', 'svei8mm']

/** ID_AA64ISAR1_EL1.I8MM. */
const I8MM = 0xfn << 52n

/** Each time that a guest said what CPU it sees. */
const guestReports = (printed: string): string[] => printed.split('GUEST-BEGIN').slice(1)

const isGuestUnmasked = (printed: string): boolean =>
  guestReports(printed)
    .filter((report) => report.includes('GUEST-END'))
    .some((report) => {
      const { features } = parseGuestReport(`GUEST-BEGIN${report}`)
      return HIDDEN.some((name) => features.includes(name))
    })

const isVmmUnmasked = (printed: string): boolean =>
  printedVcpus(printed).some(({ init, registers }) => {
    const [shown = I8MM, read = I8MM] = registers['ID_AA64ISAR1_EL1'] ?? []
    return init === 0 && ((shown | read) & I8MM) !== 0n
  })

const withProbes = (outcome: string, { failedProbes }: PodSeen): string =>
  failedProbes === 0 ? outcome : `${outcome}; its probe failed ${failedProbes}×`

/** What a pod with a guest came to. */
export const guestOutcome = (seen: PodSeen): string => {
  if (isGuestUnmasked(seen.printed)) return 'UNMASKED'
  if (seen.exitCode !== undefined && seen.exitCode !== 0)
    return withProbes(`failed: exit code ${seen.exitCode}`, seen)
  return withProbes(seen.isDone ? 'levelled' : 'hung', seen)
}

/** What a pod came to that launches one small VMM after another. */
export const launchesOutcome = (seen: PodSeen): string => {
  if (isVmmUnmasked(seen.printed)) return 'UNMASKED'
  if (!seen.isDone) return withProbes('hung', seen)
  const codes = [...seen.printed.matchAll(/^EXIT (\d+)$/gm)].map(([, code]) => code)
  const failed = codes.filter((code) => code !== '0')
  if (failed.length === 0) return withProbes('levelled', seen)
  return withProbes(
    `${failed.length} of its launches failed: exit code ${[...new Set(failed)].join(', ')}`,
    seen,
  )
}

/** Whether an outcome is a defect of ours: after what an administrator does on purpose, no launch may fail. */
export const isDefect = (outcome: string, isPlanned: boolean): boolean =>
  /^(UNMASKED|hung)/.test(outcome) || (isPlanned && !outcome.startsWith('levelled'))
