import { bootHost } from '../harness/emulated-host.ts'
import { LEVELLED_PLAN, putRevision } from '../host/launch/revision-file.ts'
import { soakGrowth } from './soak-growth.ts'
import type { Held } from './soak-growth.ts'

/*
 * node test/faults/soak.ts [LAUNCHES] (make soak): so many launches of the small VMM, 1000 if not given, one after the other under one
 * supervisor. Ten times on the way it prints what that holds. Exit code 1 where a launch failed, or memory, open files or zombies have
 * grown.
 */

const LAUNCHES = Number(process.argv[2] ?? 1000)
const LOOKS = 10

/** Prints "LOOK LAUNCHES KILOBYTES FDS ZOMBIES" after each tenth of the launches, and "FAILED" for one that did not succeed. */
const SCRIPT = `
for process in /proc/[0-9]*; do
  case "$(readlink $process/exe)" in */node) grep -q supervise $process/cmdline && break ;; esac
done
for round in $(seq ${LOOKS}); do
  for launch in $(seq ${Math.ceil(LAUNCHES / LOOKS)}); do /opt/vmm/vmm > /dev/null || echo FAILED; done
  echo "LOOK $((round * ${Math.ceil(LAUNCHES / LOOKS)})) $(awk '/^VmRSS/ {print $2}' $process/status)" \\
    "$(ls $process/fd | wc -l) $(cat /proc/[0-9]*/stat 2>/dev/null | grep -c ') Z ')"
done`

const looksIn = (stdout: string): (Held & { readonly launches: number })[] =>
  [...stdout.matchAll(/^LOOK (\d+) (\d+) (\d+) (\d+)$/gm)].map(([, ...numbers]) => {
    const [launches = NaN, kilobytes = NaN, fds = NaN, zombies = NaN] = numbers.map(Number)
    return { launches, kilobytes, fds, zombies }
  })

const row = (cells: readonly (string | number)[]): void => {
  console.log(cells.map((cell) => String(cell).padStart(12)).join(''))
}

const host = await bootHost({ name: 'soak', cpuModel: 'neoverse-v1', kernel: '6.18' })
try {
  const plan = await putRevision(host, 'soak', LEVELLED_PLAN)
  const child = host.spawn(['cpufeatures', 'run', '-q', '--plan', plan, '--', 'sh', '-c', SCRIPT])
  child.closeInput()
  row(['launches', 'RSS in KB', 'open files', 'zombies'])
  for (let count = 1; count <= LOOKS; count += 1) {
    await child.waitForOutput(new RegExp(`(^LOOK .*\\n[^]*?){${count}}`, 'm'))
    const look = looksIn(child.stdout())[count - 1]
    if (look !== undefined) row([look.launches, look.kilobytes, look.fds, look.zombies])
  }
  const { stdout } = await child.exited
  const failed = [...stdout.matchAll(/^FAILED$/gm)].length
  const grown = soakGrowth(looksIn(stdout))
  for (const what of grown) console.log(`GROWN: ${what}`)
  if (failed > 0) console.log(`FAILED: ${failed} launches`)
  if (grown.length + failed === 0) console.log('ok: nothing has grown')
  process.exitCode = grown.length + failed === 0 ? 0 : 1
} finally {
  await host.stop()
}
