import type { NeedingPod } from '../uninstall/needing-pod.ts'
import type { UninstallReport } from '../uninstall/uninstall-report.ts'
import { outputWidth, renderItem, renderTable, wrapText } from './render-table.ts'

const podLines = (pods: readonly NeedingPod[]): readonly string[] => [
  '',
  ...renderTable(
    ['POD', 'NODE', 'PROFILE', 'WHY IT NEEDS CPUFEATURES'],
    pods.map(({ namespace, name, node = '-', profile = '-', why }) => [
      `${namespace}/${name}`,
      node,
      profile,
      why.join('; '),
    ]),
  ),
]

const inText = (namespaces: readonly string[]): string =>
  namespaces.length === 0 ? '' : ` (namespace ${namespaces.join(', ')})`

const TO_REMOVE_THE_PODS =
  'Remove the label cpufeatures.dev/profile from the templates of these VMs, and cpufeatures.dev/default-profile from ' +
  'their namespaces. Create the pods again, or delete them. Then run this command again. Or add --force to remove ' +
  'everything but what these pods need.'

const NO_AGENT =
  'Running VMs in these pods keep running, and can reboot. A VM that starts there waits forever. Delete these pods as soon ' +
  'as you can. Then run this command again to remove the rest.'

/** How to turn break-glass off, and when. */
const breakGlassText = ({ namespaces: [namespace, ...others] }: UninstallReport): string => {
  const where = namespace === undefined || others.length > 0 ? 'NAMESPACE' : namespace
  return (
    'Break-glass is still on, so new VM pods start without their profile. Turn it off only if you install cpufeatures again: ' +
    `kubectl annotate configmap cpufeatures-settings -n ${where} cpufeatures.dev/break-glass-`
  )
}

const NODE_FOLDER = 'The folder /var/lib/cpufeatures stays on the nodes, and nothing reads it.'

type Tense = { readonly was: string; readonly stays: string }

/** What happened, in a sentence, and what to do next. */
const headline = (report: UninstallReport, { was, stays }: Tense): readonly string[] => {
  const { outcome, pods, namespaces, why = '' } = report
  const many = pods.length === 1 ? '1 pod needs' : `${pods.length} pods need`
  const still = report.breakGlass ? [breakGlassText(report)] : []
  switch (outcome) {
    case 'not-installed':
      return ['Nothing of cpufeatures is in this cluster.']
    case 'refused':
      return [`${many} cpufeatures, so nothing ${was} deleted.`, TO_REMOVE_THE_PODS, ...still]
    case 'removed':
      return [
        `Everything of cpufeatures ${was} removed${inText(namespaces)}.`,
        ...(pods.length === 0
          ? []
          : [`${many} it all the same. Nothing serves such a pod any more: delete it.`]),
        NODE_FOLDER,
      ]
    case 'holder-stays':
      return [`${many} the holder, so it ${stays}. Everything else ${was} removed.`, NO_AGENT, ...still]
    case 'stopped':
      return [`Stopped: ${why.replace(/[.]$/, '')}.`, 'Run this command again to continue.', ...still]
    default:
      return outcome satisfies never
  }
}

const listed = (title: string, items: readonly string[]): readonly string[] =>
  items.length === 0 ? [] : ['', title, ...items.flatMap((item) => renderItem('  - ', item))]

/** The report of an uninstallation for people; `wide` also lists every object that was removed. */
export const uninstallTable = (report: UninstallReport, wide: boolean): readonly string[] => {
  const { pods, removed, stays, dryRun } = report
  const tense = dryRun ? { was: 'would be', stays: 'would stay' } : { was: 'was', stays: 'stays' }
  return [
    ...headline(report, tense).flatMap((text) => wrapText(text, outputWidth())),
    ...(pods.length === 0 ? [] : podLines(pods)),
    ...listed(dryRun ? 'These would stay:' : 'These stay:', stays),
    ...(wide || dryRun ? listed(dryRun ? 'These would be removed:' : 'These were removed:', removed) : []),
  ]
}
