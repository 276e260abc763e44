import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { artifact } from './artifact-cache.ts'
import { folderTexts } from './folder-texts.ts'
import { LAB_PATHS } from './lab-paths.ts'
import { runCommand } from './process.ts'
import { requireTools } from './tools.ts'

const SHARED = ['kvm-calls', 'vm', 'init-vcpus', 'disturbances']
const VMM = ['vmm', ...SHARED, 'filters', 'saved-vm']
const STEPWISE = ['stepwise', 'step-contexts', 'spinning-guest', ...SHARED, 'saved-vm']
const FAULT = ['fault-cell', 'followed-supervisor', 'fault-acts', 'process-looks']

/** Each program, and the files it is made of. */
const PROGRAMS: Readonly<Record<string, readonly string[]>> = {
  vmm: VMM,
  'two-thread-vmm': [...VMM, 'second-thread'],
  hostile: ['hostile', ...SHARED],
  stepwise: STEPWISE,
  'two-thread-stepwise': [...STEPWISE, 'second-thread'],
  fault: ['fault', ...FAULT],
  'fault-alone': ['fault-alone', ...FAULT],
  'ask-kvm': ['ask-kvm'],
  filtered: ['filtered', 'filters'],
  'at-stop': ['at-stop'],
  'under-default-filter': ['under-default-filter'],
  'under-filter': ['under-filter'],
}

// Pointer authentication and landing pads, as distributions build a VMM now.
const FLAGS = ['-O2', '-Wall', '-Werror', '-static', '-s', '-pthread', '-mbranch-protection=standard']

/**
 * The folder with the programs of test/fixtures/vmm, static, to be put into any arm64 host: `vmm`, the small VMM for odd cases, and
 * the same with a second thread; `stepwise`, whose arguments are its steps; `hostile`, one that means harm; `fault`, `fault-alone`
 * and `at-stop`, which do something to a launch at a chosen moment; `ask-kvm`, whose threads make notified calls all the time;
 * `filtered`, `under-default-filter` and `under-filter`, which execute a VMM under filters.
 */
export const vmmImage = async (): Promise<string> => {
  const sources = join(LAB_PATHS.root, 'test/fixtures/vmm')
  return artifact({
    name: 'vmm',
    inputs: [
      await readFile(import.meta.filename, 'utf8'),
      ...(await folderTexts(sources)).values(),
      await readFile(join(LAB_PATHS.root, 'test/fixtures/default-filter/default-filter.h'), 'utf8'),
    ],
    make: async (folder) => {
      requireTools('aarch64-linux-gnu-gcc')
      for (const [name, parts] of Object.entries(PROGRAMS)) {
        const from = parts.map((part) => join(sources, `${part}.c`))
        await runCommand(['aarch64-linux-gnu-gcc', ...FLAGS, '-o', join(folder, name), ...from])
      }
    },
  })
}
