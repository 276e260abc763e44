import type { Command } from 'commander'
import { probeCommand } from './commands/probe.ts'
import { runCommand } from './commands/run.ts'
import { superviseCommand } from './commands/supervise.ts'

/** THE list of verbs. A hidden one is started by another verb, never by a person. */
export const COMMANDS: readonly { create: () => Command; hidden: boolean }[] = [
  { create: probeCommand, hidden: false },
  { create: runCommand, hidden: false },
  { create: superviseCommand, hidden: true },
]
