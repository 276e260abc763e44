import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { builtBundle } from '../../harness/product-bundle.ts'

const root = fileURLToPath(new URL('../../../', import.meta.url))

/** The result of a command line. */
export type VerbResult = { readonly status: number | null; readonly stdout: string; readonly stderr: string }

/** Runs the built CLI in the project's folder; `input` is its standard input. */
export const runVerb = (args: readonly string[], input: object | string = ''): VerbResult => {
  const text = typeof input === 'string' ? input : JSON.stringify(input)
  const { status, stdout, stderr } = spawnSync(process.execPath, [builtBundle(), ...args], {
    cwd: root,
    input: text,
    encoding: 'utf8',
    maxBuffer: 1 << 26,
  })
  return { status, stdout, stderr }
}

/** A host document among the fixtures. */
export const fixtureHostFile = (name: string): string => `test/fixtures/hosts/${name}.json`

/** A profile as it stands in a file. */
export const profileOf = (spec: object, name = 'fleet'): object => ({
  apiVersion: 'cpufeatures.dev/v1alpha1',
  kind: 'CpuFeatureProfile',
  metadata: { name },
  spec,
})
