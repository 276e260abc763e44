import type { KubeObject } from '../kube/kube-object.ts'
import { BREAK_GLASS_ANNOTATION } from './names.ts'

/**
 * Why break-glass is on, in the words of whoever turned it on; undefined while it is off. The annotation alone counts, even if it is
 * empty, as it does in the admission policies. Without settings it is off: then the policies refuse new VM pods.
 */
export const breakGlass = (settings: Pick<KubeObject, 'metadata'> | undefined): string | undefined =>
  settings?.metadata.annotations?.[BREAK_GLASS_ANNOTATION]
