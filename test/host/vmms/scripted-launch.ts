import assert from 'node:assert/strict'
import * as z from 'zod'
import { launchRefusal } from '../../../src/api/finding.ts'
import { HANG_GUARD_S } from '../../harness/eventually.ts'
import type { HostAccess } from '../../harness/host-access.ts'
import { SUPERVISORS } from '../../harness/host-supervisor.ts'
import { printedVcpus } from './vmm-launch.ts'
import type { VmmVcpu } from './vmm-launch.ts'

const supervisorLook = z.object({ kilobytes: z.number(), fds: z.number(), zombies: z.number() })

const recordOutcome = z.object({
  outcome: z.string(),
  refused: z.array(launchRefusal),
  verification: z
    .object({
      vms: z.array(z.string()).default([]),
      different: z.array(z.object({ register: z.string() })),
    })
    .optional(),
})

/** What one VMM of a script came to. */
export type Attempt = {
  readonly stdout: string
  /** As the shell has it; 143 where it had not ended in its time. */
  readonly exitCode: number
  readonly seconds: number
  readonly vcpus: readonly VmmVcpu[]
  /** Threads that were stopped and processes that were zombies or traced when it had ended: a line each. */
  readonly left: readonly string[]
}

/** What the launch of a script came to. */
export type ScriptedLaunch = {
  readonly stdout: string
  readonly stderr: string
  readonly exitCode: number
  readonly attempts: ReadonlyMap<string, Attempt>
  /** What the supervisor held at each `look`. */
  readonly looks: readonly z.infer<typeof supervisorLook>[]
  /** The pid of the supervisor at each `alive`; 0 if there was none. */
  readonly supervisors: readonly number[]
  readonly record: z.infer<typeof recordOutcome>
}

/**
 * What scripts have: `look` and `alive` say what the supervisor holds, and who it is; `try NAME COMMAND...` runs a VMM, and
 * guards against one that hangs; `at_stop IOCTL CALLS COMMAND` arms test/fixtures/vmm/at-stop.c for what is tried next.
 */
const WORDS = `
here=/tmp/scripted-$(id -u); mkdir -p $here
${SUPERVISORS}
alive() { echo "ALIVE $(supervisors)"; }
look() {
  process=/proc/$(supervisors)
  rss=$(awk '/^VmRSS/ {print $2}' $process/status)
  zombies=$(cat /proc/[0-9]*/stat 2> /dev/null | awk '$3 == "Z"' | wc -l)
  echo "LOOK {\\"kilobytes\\":$rss,\\"fds\\":$(ls $process/fd | wc -l),\\"zombies\\":$zombies}"
}
seconds() { cut -d . -f 1 /proc/uptime; }
stuck() { cat /proc/[0-9]*/task/*/stat 2> /dev/null | grep -E '\\) [tTZ] ' | grep -v '(sh)'; }
# What has just ended may not have been waited for yet.
left() {
  looks=0
  while stuck > $here/stuck && [ $looks -lt 50 ]; do sleep 0.2; looks=$((looks+1)); done
  sed 's/^/LEFT /' $here/stuck
}
try() {
  echo "TRY $1"; shift
  began=$(seconds); beganAt=$(cut -d ' ' -f 1 /proc/uptime)
  rm -f $here/tried
  ("$@" >> $here/tried 2>&1; echo "EXIT $?" >> $here/tried) 2> /dev/null &
  until grep -q '^EXIT ' $here/tried 2> /dev/null || [ $(($(seconds) - began)) -gt ${HANG_GUARD_S} ]; do sleep 0.05; done
  cat $here/tried
  grep -q '^EXIT ' $here/tried || { echo "EXIT 143"; killall -9 "\${1##*/}"; }
  echo "FROM $beganAt TO $(cut -d ' ' -f 1 /proc/uptime)"
  left
}
wait_for() { until grep -q "$1" $2 2> /dev/null; do sleep 0.05; done; }
at_stop() {
  rm -f $here/at-stop.log
  /opt/vmm/at-stop $(supervisors) $1 $2 "$3" > $here/at-stop.log &
  wait_for ready $here/at-stop.log
}
`

/** What runs a script: as the process that is launched, or beside launches that it makes itself. */
const RUNS = {
  inLaunch: 'cpufeatures run --plan "$1" --record "$1.record.json" -- sh -c "$2"',
  beside: 'sh -c "$2" sh "$1"',
} as const

const runOf = (command: string): string => `${WORDS}
${command}
code=$?
unsupervised
echo "RECORD $(tr -d '\\n' < "$1.record.json")"
exit $code`

const numbered = (text: string, word: string): number[] =>
  [...text.matchAll(new RegExp(`^${word} ?(\\d*)$`, 'gm'))].map(([, number = '']) => Number(number))

const secondsOf = (text: string): number => {
  const [, from = NaN, to = NaN] = /^FROM (\S+) TO (\S+)$/m.exec(text) ?? []
  return Number(to) - Number(from)
}

const attemptOf = (text: string): Attempt => ({
  stdout: text,
  exitCode: numbered(text, 'EXIT')[0] ?? NaN,
  seconds: secondsOf(text),
  vcpus: printedVcpus(text),
  left: [...text.matchAll(/^LEFT (.*)$/gm)].map(([, line = '']) => line),
})

/**
 * Runs a script of shell as the "VMM" of one launch, so that all it starts is served by one supervisor; or, `beside`, one that launches
 * VMMs itself, whose first argument is the plan.
 *
 * @param under - a command that executes the rest of its arguments under other conditions
 */
export const launchScript = async (
  host: HostAccess,
  plan: string,
  script: string,
  { under = [], runs = 'inLaunch' }: { under?: readonly string[]; runs?: keyof typeof RUNS } = {},
): Promise<ScriptedLaunch> => {
  const command = [...under, 'sh', '-c', runOf(RUNS[runs]), 'sh', plan, `${WORDS}${script}`]
  const { stdout, stderr, exitCode } = await host.run(command, { timeoutSeconds: 3 * HANG_GUARD_S })
  const looks = [...stdout.matchAll(/^LOOK (.*)$/gm)].map(([, json = '']) =>
    supervisorLook.parse(JSON.parse(json)),
  )
  return {
    stdout,
    stderr,
    exitCode,
    attempts: new Map(
      stdout
        .split(/^TRY /m)
        .slice(1)
        .map((part) => [part.slice(0, part.indexOf('\n')), attemptOf(part)]),
    ),
    looks,
    supervisors: numbered(stdout, 'ALIVE'),
    record: recordOutcome.parse(JSON.parse(/^RECORD (.*)$/m.exec(stdout)?.[1] ?? '{}')),
  }
}

/** An attempt of a script, which must be there. */
export const attemptNamed = ({ attempts, stdout, stderr }: ScriptedLaunch, name: string): Attempt => {
  const attempt = attempts.get(name)
  assert.ok(attempt !== undefined, `${name} was not tried:\n${stdout}\n${stderr}`)
  return attempt
}
