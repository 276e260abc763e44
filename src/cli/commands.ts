import type { Command } from 'commander'

/** A verb. Its code is loaded only when the user asks for it, because FFI, the engine and the Kubernetes client take time to start. */
export type Verb = {
  readonly name: string
  readonly load: () => Promise<Command>
}

const verb = (name: string, load: Verb['load']): Verb => ({ name, load })

/** THE list of verbs, in the order of the help. */
export const COMMANDS: readonly Verb[] = [
  verb('probe', async () => (await import('./commands/probe.ts')).probeCommand()),
  verb('compile', async () => (await import('./commands/compile.ts')).compileCommand()),
  verb('check', async () => (await import('./commands/check.ts')).checkCommand()),
  verb('predict', async () => (await import('./commands/predict.ts')).predictCommand()),
  verb('explain', async () => (await import('./commands/explain.ts')).explainCommand()),
  verb('baseline', async () => (await import('./commands/baseline.ts')).baselineCommand()),
  verb('diff', async () => (await import('./commands/diff.ts')).diffCommand()),
  verb('export', async () => (await import('./commands/export.ts')).exportCommand()),
  verb('import', async () => (await import('./commands/import.ts')).importCommand()),
  verb('run', async () => (await import('./commands/run.ts')).runCommand()),
  verb('supervise', async () => {
    ;(await import('./compile-eagerly.ts')).compileEagerly()
    return (await import('./commands/supervise.ts')).superviseCommand()
  }),
  verb('status', async () => (await import('./commands/status.ts')).statusCommand()),
  verb('plan', async () => (await import('./commands/plan.ts')).planCommand()),
  verb('vms', async () => (await import('./commands/vms.ts')).vmsCommand()),
  verb('uninstall', async () => (await import('./commands/uninstall.ts')).uninstallCommand()),
  verb('completion', async () =>
    (await import('./commands/completion.ts')).completionCommand(() =>
      Promise.all(COMMANDS.map(({ load }) => load())),
    ),
  ),
]
