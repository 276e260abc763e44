import type { ClassStatus, CpuFeatureProfile } from '../../../api/cpu-feature-profile.ts'
import { renderFinding } from '../../../compatibility/render-finding.ts'

/** events.k8s.io/v1 limits a note to 1024 bytes; the condition says the same. */
const longestMessage = 1000

const classSentence = (one: ClassStatus): string => {
  const [first] = one.findings
  const more = one.findings.length - 1 + (one.moreFindings ?? 0)
  const nodes =
    one.nodes === 1 ? (one.sample[0] ?? '1 node') : `${one.nodes} nodes such as ${one.sample[0] ?? ''}`
  const why = first === undefined ? 'unfit' : renderFinding(first)
  return `class ${one.class} (${nodes}): ${why}${more > 0 ? ` (and ${more} more)` : ''}`
}

const fitting = (head: string, parts: readonly string[]): string => {
  let text = head
  for (const [index, part] of parts.entries()) {
    const next = `${text} ${part};`
    const rest = ` and ${parts.length - index} more classes`
    if (next.length + rest.length > longestMessage) return text + rest
    text = next
  }
  return text.replace(/;$/, '')
}

/** Why no node fits a compiled profile, class by class, as far as an Event's note has room. */
export const unfitMessage = (profile: CpuFeatureProfile): string => {
  const { status } = profile
  const head = `no node fits revision ${status?.currentRevision ?? ''} of profile ${profile.metadata.name}:`
  const unfit = (status?.classes ?? []).filter((one) => !one.compatible)
  if (unfit.length > 0) return fitting(head, unfit.map(classSentence))
  return `${head} ${status?.nodes?.total === 0 ? 'no node has reported; is the node-agent running?' : 'no node has a usable KVM'}`
}
