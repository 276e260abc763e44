import { setFlagsFromString } from 'node:v8'

/**
 * Has V8 compile what is loaded from now on whole and to machine code, and not each function bit by bit as it is called: for a process that
 * starts while nobody waits and must be quick then. The flags are V8's own (`node --v8-options`); one that is not known is warned of.
 */
export const compileEagerly = (): void => {
  setFlagsFromString('--no-lazy')
  setFlagsFromString('--always-sparkplug')
}
