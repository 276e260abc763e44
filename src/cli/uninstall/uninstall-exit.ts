import { EXIT } from '../verb-action.ts'
import type { UninstallReport } from './uninstall-report.ts'

/** Pods need cpufeatures, the user did not say --force, and nothing was deleted. */
const NEEDED = 3

/** The exit code of an uninstallation. */
export const uninstallExit = (
  { outcome, pods }: Pick<UninstallReport, 'outcome' | 'pods'>,
  force: boolean,
): number => {
  switch (outcome) {
    case 'not-installed':
      return EXIT.yes
    case 'refused':
      return NEEDED
    case 'removed':
      return pods.length === 0 ? EXIT.yes : EXIT.no
    case 'holder-stays':
      return force ? EXIT.yes : EXIT.no
    case 'stopped':
      return EXIT.no
    default:
      return outcome satisfies never
  }
}
