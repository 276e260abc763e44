import type { ClassStatus } from '../api/cpu-feature-profile.ts'
import { renderFinding } from '../compatibility/render-finding.ts'

/** events.k8s.io/v1 limits a note to 1024 bytes; this leaves room for the words before it. */
const LONGEST = 880

const nameOf = ({ class: name, nodes, sample }: ClassStatus): string => {
  const first = sample[0] ?? ''
  return `class ${name} (${nodes === 1 ? first : `${nodes} nodes such as ${first}`})`
}

const reasonOf = ({ findings, moreFindings = 0 }: ClassStatus): string => {
  const [first] = findings
  const more = findings.length - 1 + moreFindings
  const text = first === undefined ? 'unfit' : renderFinding(first).replace(/\.$/, '')
  return more > 0 ? `${text} (and ${more} more findings)` : text
}

/** Why each class does not fit. Classes with the same reason share an entry, as far as there is room. */
export const whyUnfit = (classes: readonly ClassStatus[]): string => {
  const byReason = new Map<string, string[]>()
  for (const one of classes) {
    if (one.compatible) continue
    const reason = reasonOf(one)
    byReason.set(reason, [...(byReason.get(reason) ?? []), nameOf(one)])
  }
  const sentences = [...byReason].map(([reason, names]) => ({
    text: `${names.join(', ')}: ${reason}`,
    names,
  }))
  const said: string[] = []
  for (const [index, { text }] of sentences.entries()) {
    const unsaid = sentences.slice(index).flatMap(({ names }) => names)
    const rest = ` and ${unsaid.length} more classes: see status.classes of the profile`
    if ([...said, text].join('; ').length + rest.length > LONGEST) return (said.join('; ') + rest).trimStart()
    said.push(text)
  }
  return said.join('; ')
}
