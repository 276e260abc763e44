import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import { eventually } from '../../harness/eventually.ts'
import type { HostAccess } from '../../harness/host-access.ts'
import { SUPERVISORS } from '../../harness/host-supervisor.ts'
import { connectHost } from '../../harness/lab-session.ts'
import { LEVELLED_PLAN, putRevision } from './revision-file.ts'

/** User processes and zombies by pid, without the ones that ask. */
const processes = async (host: HostAccess): Promise<ReadonlyMap<string, string>> => {
  const { stdout } = await host.run(['sh', '-c', 'cat /proc/[0-9]*/stat 2>/dev/null'])
  return new Map(
    stdout
      .split('\n')
      .map((line) => /^(\d+) \((.*)\) (\S)/.exec(line))
      .flatMap((match) => (match === null ? [] : [match.slice(1)]))
      .map(([pid = '', name = '', state]) => [pid, state === 'Z' ? `${name} zombie` : name] as const)
      .filter(([, name]) => /node|MainThread|qemu|sh|zombie/.test(name) && !name.startsWith('k')),
  )
}

describe('the process that run becomes', () => {
  let host: HostAccess
  let plan: string
  before(async () => {
    host = await connectHost('neoverse-v1')
    plan = await putRevision(host, 'form', LEVELLED_PLAN)
  })

  const sh = (script: string) =>
    host.run(['sh', '-c', `${SUPERVISORS}\nrun() { cpufeatures run --plan ${plan} -q -- "$@"; }\n${script}`])

  it('has the pid, the parent, the working directory and the environment of who started it', async () => {
    const { stdout } = await sh(
      `cd /opt; sh -c 'echo $$; X=kept exec cpufeatures run --plan ${plan} -q -- ` +
        `sh -c "echo \\$\\$; echo \\$PPID; pwd; echo \\$X"'; echo $$`,
    )
    const [started, became, parent, folder, variable, shell] = stdout.trim().split('\n')
    assert.equal(became, started)
    assert.equal(parent, shell)
    assert.equal(folder, '/opt')
    assert.equal(variable, 'kept')
  })

  it('has stdin, stdout, stderr and further fds as they were', async () => {
    const { stdout, stderr } = await sh(
      'exec 9</proc/version; echo in | run sh -c "cat; echo err >&2; cat <&9"',
    )
    assert.match(stdout, /^in\n.+\n$/)
    assert.equal(stderr, 'err\n')
  })

  it('has pipes as they were: not made non-blocking, because others share them and go on writing', async () => {
    const flags = 'grep -h ^flags /proc/self/fdinfo/0 /proc/self/fdinfo/1 /proc/self/fdinfo/2'
    const { stdout } = await sh(
      `mkfifo /tmp/pipe; exec 8<>/tmp/pipe 9<>/tmp/pipe; { ${flags}; echo; run ${flags}; } <&8 2>&9 | cat
       echo; grep -h ^flags /proc/self/fdinfo/9; rm /tmp/pipe`,
    )
    const [before, after, shared] = stdout.trim().split('\n\n')
    assert.match(before ?? '', /^(flags:\s+\d+\n?){3}$/)
    assert.equal(after, before)
    assert.equal(shared, before?.split('\n').at(-1))
  })

  it('is served though its stderr is a full pipe that nobody reads, and leaves no supervisor behind', async () => {
    const { stdout } = await sh(
      `rm -f /tmp/record.json /tmp/looked
       mkfifo /tmp/pipe; exec 8<>/tmp/pipe; dd if=/dev/zero of=/proc/self/fd/8 bs=4096 count=16
       # The VMM stays until it was looked at, however long that takes.
       (until grep -q '"verified"' /tmp/record.json; do sleep 0.1; done 2> /dev/null; touch /tmp/looked) &
       cpufeatures run --plan ${plan} --record /tmp/record.json -- \\
         /opt/vmm/vmm --vcpus 2 --hotplug --hold-until /tmp/looked 2>&8 | grep -o '"init":0'
       unsupervised
       rm /tmp/pipe; grep outcome /tmp/record.json`,
    )
    assert.match(stdout, /^("init":0\n){3} {2}"outcome": "verified",\n$/)
  })

  it('ignores and blocks no signal that it should not, and has no fd of ours', async () => {
    const { stdout } = await sh(
      "run sh -c \"grep -E ^Sig /proc/self/status; ls /proc/self/fd | tr '\\n' ' '\"",
    )
    assert.match(stdout, /SigBlk:\s*0000000000000000/)
    assert.match(stdout, /SigIgn:\s*0000000000000000/)
    assert.match(stdout, /\n0 1 2 3 $/)
  })

  it('ends with its own exit code, or by the signal that ended it', async () => {
    const { stdout } = await sh('run sh -c "exit 7"; echo $?; run sh -c \'kill -KILL $$\'; echo $?')
    assert.equal(stdout, '7\n137\n')
  })

  it('gets signals itself', async () => {
    const { stdout } = await sh(
      `cpufeatures run --plan ${plan} -q -- sh -c 'trap "echo got; exit 3" USR1; echo up > /tmp/up; while :; do sleep 0.1; done' & p=$!
       until [ -e /tmp/up ]; do sleep 0.2; done; rm /tmp/up; kill -USR1 $p; wait $p; echo $?`,
    )
    assert.equal(stdout, 'got\n3\n')
  })

  it('has the exit codes of env where it cannot be: 127 not found, 126 not executable, 125 no plan', async () => {
    const { stdout, stderr } = await sh(
      `run no-such-vmm; echo $?; run /etc/passwd; echo $?; cpufeatures run --plan /none -- true; echo $?`,
    )
    assert.equal(stdout, '127\n126\n125\n')
    assert.match(stderr, /no-such-vmm: ENOENT/)
    assert.match(stderr, /\/etc\/passwd: EACCES/)
    assert.match(stderr, /--plan: ENOENT/)
  })

  it('is not launched where no supervisor can be started', async () => {
    const script = `mount --bind /dev/null /bin/sh; exec node /opt/cpufeatures/cpufeatures.mjs run --plan ${plan} -- echo launched`
    const { stdout, stderr, exitCode } = await host.run(['unshare', '-m', 'sh', '-c', script])
    assert.equal(exitCode, 125, stderr)
    assert.equal(stdout, '')
    assert.match(stderr, /nothing was launched, because there is no supervisor/)
  })

  it('leaves no process behind, and no zombie', async () => {
    // What an earlier test left may end meanwhile: only the new ones count.
    const earlier = await processes(host)
    const left = async () => [...(await processes(host))].filter(([pid]) => !earlier.has(pid))
    await sh('run true; run sh -c "kill -KILL \\$\\$"')
    await eventually('all that the launches started has ended', async () => {
      const later = await left()
      if (later.length > 0) throw new Error(`left: ${JSON.stringify(later)}`)
      return true
    })
  })
})
