import { isApiError } from '../../kube/api-error.ts'
import type { BreakGlassSwitch } from './break-glass-switch.ts'
import { idleBinding, readsSettings, type Binding } from './idle-binding.ts'
import type { Removal } from './removal.ts'
import { ALL_OF_OURS, BINDINGS } from './removed-kinds.ts'

/**
 * Removes the bindings of the policies that complete or refuse pods, and turns break-glass off after that.
 *
 * While these policies act, break-glass must be on: without holder, agent and controller, a VM pod with our gate or file never starts.
 * But when the last binding that reads a ConfigMap has gone, an API server stops to follow ConfigMaps about a second later, and never
 * follows them again (kubernetes#130887). If cpufeatures is installed again, it goes by what it knew then, so break-glass must be off
 * by then. Hence each binding first gets a twin that acts nowhere, and the twins keep the API servers following.
 */
export const removeSettingsReaders = async (
  removal: Removal,
  breakGlass: Pick<BreakGlassSwitch, 'turnOff' | 'settle'>,
): Promise<void> => {
  let went = false
  for (const kind of BINDINGS) {
    const ours: readonly Binding[] = await removal.list(kind, { labelSelector: ALL_OF_OURS })
    const readers = ours.filter(readsSettings)
    for (const one of readers) await createTwin(removal, kind, one)
    await removal.removeObjects(kind, readers, { labelSelector: ALL_OF_OURS })
    went ||= readers.length > 0
  }
  if (went) await breakGlass.settle()
  await breakGlass.turnOff(', so that the API servers do not remember it')
}

const createTwin = async (
  { parts: { client, dryRun } }: Pick<Removal, 'parts'>,
  kind: (typeof BINDINGS)[number],
  binding: Binding,
): Promise<void> => {
  if (dryRun) return
  try {
    await client.create(kind, idleBinding(binding))
  } catch (error) {
    // From a run that was stopped after it had made it.
    if (!isApiError(error, 409)) throw error
  }
}
