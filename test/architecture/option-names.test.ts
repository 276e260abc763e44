import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { COMMANDS } from '../../src/cli/commands.ts'
import { controllerOptions } from '../../src/controller/controller-options.ts'
import { nodeAgentOptions } from '../../src/node-agent/node-agent-options.ts'
import { productFiles, ROOT } from './source-files.ts'

/** Options of other programs that our texts name. */
const OF_OTHERS = [
  // QEMU, unshare, kubectl, prlimit, node and its V8.
  ...['--daemonize', '--new-pid-ns', '--server-side', '--nofile', '--test'],
  ...[
    '--all',
    '--all-containers',
    '--field-selector',
    '--for',
    '--list',
    '--overwrite',
    '--patch-file',
    '--prefix',
  ],
  ...['--previous', '--timeout', '--type'],
  // docker buildx.
  ...['--platform', '--tag', '--push'],
  ...['--no-sparkplug', '--always-sparkplug', '--no-lazy', '--max-semi-space-size', '--optimize-for-size'],
  // virt-controller.
  ...['--additional-launcher-annotations-sync', '--additional-launcher-labels-sync'],
  // Our holder, which is written in C.
  ...['--run', '--link', '--reference'],
  // Those of make targets: test/faults/run.ts.
  '--steps',
  '--only',
]

const OPTION = /(?<![\w-])--[a-z][a-z-]*[a-z]\b(?![-A-Z(\w])/g

const named = (text: string): readonly string[] => [...text.matchAll(OPTION)].map(([option]) => option)

const ofBinary = (read: typeof controllerOptions | typeof nodeAgentOptions): readonly string[] => {
  const help = read(['--help'])
  assert.ok(help.kind === 'help')
  return named(help.text)
}

/** The holder is not TypeScript: its options are in the text of its help. */
const ofHolder = (): readonly string[] => named(readFileSync(join(ROOT, 'src/holder/holder.c'), 'utf8'))

const ofVerbs = async (): Promise<readonly string[]> => {
  const commands = await Promise.all(COMMANDS.map(({ load }) => load()))
  return commands.flatMap(({ options }) => options.flatMap(({ long }) => long ?? []))
}

describe('an option', () => {
  it('that a message, a remedy or a page names is one that is there', async () => {
    const there = new Set([
      ...['--help', '--version', ...OF_OTHERS],
      ...(await ofVerbs()),
      ...ofBinary(controllerOptions),
      ...ofBinary(nodeAgentOptions),
      ...ofHolder(),
    ])
    const pages = globSync(['*.md', 'docs/**/*.md', 'deploy/**/*.yaml'], { cwd: ROOT })
    const texts = [
      ...productFiles().map(({ path, text }) => ({ path, text })),
      ...pages.map((path) => ({ path, text: readFileSync(join(ROOT, path), 'utf8') })),
    ]
    const wrong = texts.flatMap(({ path, text }) =>
      named(text)
        .filter((option) => !there.has(option))
        .map((option) => `${path} names ${option}`),
    )
    assert.deepEqual(wrong, [])
  })
})
