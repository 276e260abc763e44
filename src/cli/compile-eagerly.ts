import { setFlagsFromString } from 'node:v8'

/**
 * Makes V8 compile modules as a whole and to machine code from now on, instead of each function when it is called. This suits a process
 * that starts while nobody waits, and that must be quick later. The flags are V8's own (`node --v8-options`); Node warns of an unknown
 * one.
 */
export const compileEagerly = (): void => {
  setFlagsFromString('--no-lazy')
  setFlagsFromString('--always-sparkplug')
}
