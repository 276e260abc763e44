import { setFlagsFromString } from 'node:v8'

/**
 * Has V8 compile what is loaded from now on whole, and not each function at its first call: for a process that starts while nobody
 * waits and must be quick then. `--no-lazy` is an option of V8's; one that is not known is only warned of.
 */
export const compileEagerly = (): void => {
  setFlagsFromString('--no-lazy')
}
