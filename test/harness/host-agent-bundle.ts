import { join } from 'node:path'
import { build } from 'esbuild'

/** The text of the agent that runs commands in an emulated machine, as one file. */
export const hostAgentBundle = async (): Promise<string> => {
  const result = await build({
    entryPoints: [join(import.meta.dirname, 'host-agent.ts')],
    bundle: true,
    platform: 'node',
    format: 'esm',
    write: false,
  })
  return result.outputFiles[0]?.text ?? ''
}
