import * as z from 'zod'

/** What the launcher and its supervisor say to one another, in this order; a line of JSON each. */

/** Supervisor to launcher: who will trace it. */
export const supervisorHello = z.object({ pid: z.int().min(1) })
/** Launcher to supervisor: where the listener is to be taken from. */
export const listenerOffer = z.object({ pid: z.int().min(1), listener: z.int().min(0) })
/** Supervisor to launcher: it has the listener, or why not. */
export const supervisorReady = z.object({ error: z.string().optional() })
