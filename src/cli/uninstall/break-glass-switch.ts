import { breakGlass } from '../../api/break-glass.ts'
import { BREAK_GLASS_ANNOTATION, SETTINGS_NAME } from '../../api/names.ts'
import { CONFIG_MAPS } from '../../api/resources.ts'
import type { KubeObject } from '../../kube/kube-object.ts'
import type { Removal } from './removal.ts'
import { ALL_OF_OURS } from './removed-kinds.ts'

/** What break-glass says while cpufeatures is being uninstalled, and after that if something stays. */
export const BREAK_GLASS_REASON =
  'cpufeatures is being uninstalled; if you have installed it again, remove this annotation'

/** After this long, API servers have seen a change. */
const SETTLED_MS = 5_000

/** Turns break-glass on and off, in the settings of every installation that is there. A dry run only says it. */
export class BreakGlassSwitch {
  readonly #removal: Removal
  #isOn = false
  #turnedOn = false

  constructor(removal: Removal) {
    this.#removal = removal
  }

  /** Whether it is on, as far as this run has seen. */
  get isOn(): boolean {
    return this.#isOn
  }

  /** Whether this run has turned it on. */
  get turnedOn(): boolean {
    return this.#turnedOn
  }

  async look(): Promise<void> {
    this.#isOn = (await this.#settings()).some((one) => breakGlass(one) !== undefined)
  }

  /**
   * No new pod gets our seccomp profile after this. VMs start without their CPU profile, and nobody refuses them. Resolves when the
   * API servers go by it.
   */
  async turnOn(): Promise<void> {
    const off = (await this.#settings()).filter((one) => breakGlass(one) === undefined)
    if (off.length > 0) this.#say('turned break-glass on: new VM pods start without their profile')
    for (const one of off) await this.#write(one, BREAK_GLASS_REASON)
    if (off.length > 0 && !this.#removal.parts.dryRun) this.#isOn = this.#turnedOn = true
    if (this.#isOn) await this.settle()
  }

  /** Resolves when the API servers go by it. */
  async turnOff(why: string): Promise<void> {
    const on = (await this.#settings()).filter((one) => breakGlass(one) !== undefined)
    if (on.length === 0 || this.#removal.parts.dryRun) return
    for (const one of on) await this.#write(one, null)
    this.#say(`turned break-glass off${why}`)
    this.#isOn = false
    await this.settle()
  }

  /** Waits until the API servers have seen what was changed. A dry run does not wait. */
  async settle(): Promise<void> {
    const { clock, dryRun } = this.#removal.parts
    if (!dryRun) await clock.sleep(SETTLED_MS)
  }

  async #settings(): Promise<readonly KubeObject[]> {
    const ours = await this.#removal.list(CONFIG_MAPS, { labelSelector: ALL_OF_OURS })
    return ours.filter(({ metadata }) => metadata.name === SETTINGS_NAME)
  }

  async #write(settings: KubeObject, reason: string | null): Promise<void> {
    const { client, dryRun } = this.#removal.parts
    const patch = { metadata: { annotations: { [BREAK_GLASS_ANNOTATION]: reason } } }
    if (!dryRun) await client.patchMerge(CONFIG_MAPS, settings.metadata, patch)
  }

  #say(what: string): void {
    const { dryRun, say } = this.#removal.parts
    say(`${dryRun ? 'would have ' : ''}${what}`)
  }
}
