import * as z from 'zod'
import { hostDocument } from '../../src/api/host-document.ts'
import type { HostDocument } from '../../src/api/host-document.ts'
import { toHex64 } from '../../src/api/hex64.ts'
import type { WriteCase } from '../../src/prediction/write-case.ts'
import type { HostAccess } from '../harness/host-access.ts'

const verdictLine = z.object({
  verdict: z.enum(['accepted', 'refused', 'stored-as']),
  stored: z.string().optional(),
  errno: z.string().optional(),
})

/** A verdict as text, to compare: `accepted`, `refused EINVAL`, `stored-as 0x1`. */
export const verdictText = (verdict: {
  readonly verdict: string
  readonly stored?: bigint | undefined
  readonly errno?: string | undefined
}): string => {
  if (verdict.verdict === 'stored-as') return `stored-as ${toHex64(verdict.stored ?? 0n)}`
  return [verdict.verdict, verdict.errno].filter((word) => word !== undefined).join(' ')
}

/** The cases as `cpufeatures predict` reads them. */
export const caseLines = (cases: readonly WriteCase[]): string =>
  cases
    .map(({ configuration, register, value }) =>
      JSON.stringify({ register, value: toHex64(value), ...configuration }),
    )
    .join('\n')

/** The texts of the verdicts that `cpufeatures predict` printed. */
export const verdictTexts = (output: string): string[] =>
  output
    .trimEnd()
    .split('\n')
    .map((line) => {
      const { verdict, stored, errno } = verdictLine.parse(JSON.parse(line))
      return verdictText({ verdict, errno, stored: stored === undefined ? undefined : BigInt(stored) })
    })

const mustRun = async (host: HostAccess, command: readonly string[], input = ''): Promise<string> => {
  const { stdout, stderr, exitCode } = await host.run(command, { input })
  if (exitCode !== 0) throw new Error(`${command.join(' ')}: exit code ${exitCode}: ${stderr}`)
  return stdout
}

/** The document of a host, trials included. */
export const probeWithTrials = async (host: HostAccess): Promise<HostDocument> =>
  hostDocument.parse(JSON.parse(await mustRun(host, ['cpufeatures', 'probe'])))

/** What the host's own KVM does in each case. */
export const askKvm = async (host: HostAccess, cases: readonly WriteCase[]): Promise<string[]> =>
  verdictTexts(await mustRun(host, ['cpufeatures', 'predict', '--kvm'], caseLines(cases)))
