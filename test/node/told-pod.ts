import { basename } from 'node:path'
import type { ControlPlane } from '../harness/control-plane.ts'
import type { EmulatedNode } from '../harness/emulated-node.ts'
import { eventually } from '../harness/eventually.ts'
import { createPod, podReaches, vmContainer } from '../harness/pods.ts'

/** On the node: a folder per pod, by which it is told what to do and shows its results, without kubelet, runtime and API server. */
const FOLDER = '/run/told-pods'

/** That folder in the container. */
export const CELL = '/cell'

/** Stock QEMU with a guest that says what CPU it sees at each boot, and then counts seconds, on a serial line to `serial`. */
export const guestQemu = (serial: string): string[] => [
  ...['qemu-system-aarch64', '-M', 'virt,gic-version=3', '-accel', 'kvm', '-cpu', 'host', '-smp', '1'],
  ...['-m', '128', '-display', 'none', '-nic', 'none', '-serial', serial],
  ...['-kernel', '/opt/guest/vmlinuz', '-initrd', '/opt/guest/initrd.gz'],
  ...['-append', 'console=ttyAMA0 quiet stay'],
]

/** The same for a shell, with `printed` as its serial line. The pipe `monitor` takes commands of QEMU's monitor. */
export const toldQemu = (more: readonly string[] = []): string =>
  [
    ...guestQemu(`file:${CELL}/printed`).map((word) => (word.includes(' ') ? `'${word}'` : word)),
    ...['-chardev', `pipe,id=monitor,path=${CELL}/monitor`, '-mon', 'chardev=monitor,mode=readline'],
    ...more,
  ].join(' ')

/** The shell waits for what it starts, and keeps its exit code: nobody else may be there to see it. */
const waiting = (script: string): string =>
  `until [ -e ${CELL}/go ]; do sleep 0.2; done; ${script}; code=$?; echo $code > ${CELL}/exit-code; exit $code`

const volume = (name: string, path: string) => ({ name, hostPath: { path, type: 'DirectoryOrCreate' } })

export type ToldPodRequest = {
  readonly kubectl: ControlPlane['kubectl']
  readonly node: EmulatedNode
  readonly name: string
  /** What the container does once it is told to go, in shell. */
  readonly script: string
  /** Fields of the container. */
  readonly container?: Readonly<Record<string, unknown>>
}

/** A pod with the profile `fleet` on one node. Everything that it is told goes past the cluster, whose parts may be away. */
export class ToldPod {
  readonly name: string
  readonly #request: ToldPodRequest
  readonly #folder: string

  constructor(request: ToldPodRequest) {
    this.#request = request
    this.name = request.name
    this.#folder = `${FOLDER}/${request.name}`
  }

  /** Creates the pod and waits until its container runs; it does nothing before {@link go}. */
  async start(): Promise<void> {
    const { kubectl, node, name, script, container } = this.#request
    await this.shell('rm -rf "$0"; mkdir -p "$0"; mkfifo "$0/monitor.in" "$0/monitor.out"')
    await createPod(kubectl, {
      name,
      labels: { 'cpufeatures.dev/profile': 'fleet' },
      container: {
        ...vmContainer(['/bin/sh', '-c', waiting(script), '/programs/vmm']),
        volumeMounts: [
          { name: 'cell', mountPath: CELL },
          { name: 'programs', mountPath: '/programs', readOnly: true },
        ],
        ...container,
      },
      spec: {
        nodeSelector: { 'kubernetes.io/hostname': node.name },
        volumes: [volume('cell', this.#folder), volume('programs', PROGRAMS)],
      },
    })
    await podReaches(kubectl, name, 'Running')
  }

  go(): Promise<string> {
    return this.shell('touch "$0/go"')
  }

  /** Lets a script that looks for it come to its end. */
  finish(): Promise<string> {
    return this.shell('touch "$0/end" "$0/go"')
  }

  /** QEMU reads the pipe as long as it lives; without it the writer would wait for a reader. */
  monitor(command: string): Promise<string> {
    return this.shell(`timeout 20 sh -c 'echo ${command} > "$0/monitor.in"' "$0"`)
  }

  printed(): Promise<string> {
    return this.shell('cat "$0/printed"; true')
  }

  /** How many lines of what was printed match. */
  async count(pattern: string): Promise<number> {
    return Number(await this.shell(`grep -cE '${pattern}' "$0/printed"; true`))
  }

  /** Of the container's script; undefined: it runs. */
  async exitCode(): Promise<number | undefined> {
    const text = await this.shell('cat "$0/exit-code"; true')
    return text === '' ? undefined : Number(text)
  }

  /** Waits until so many lines match; false if the script ended before, or it hangs. */
  prints(pattern: string, times: number): Promise<boolean> {
    return this.comesTo(`${times} times ${pattern}`, async () => (await this.count(pattern)) >= times)
  }

  /** Waits until its guest counts on from here. */
  async goesOn(): Promise<boolean> {
    return this.prints('^tick', (await this.count('^tick')) + 2)
  }

  /** Waits until the script has ended; false if it hangs. */
  ends(): Promise<boolean> {
    return this.comesTo('its end', async () => (await this.exitCode()) !== undefined)
  }

  async comesTo(what: string, holds: () => Promise<boolean>): Promise<boolean> {
    const look = async (): Promise<boolean | undefined> => {
      if (await holds()) return true
      return (await this.exitCode()) === undefined ? undefined : holds()
    }
    return eventually(`${this.name}: ${what}`, look, { everyMs: 1000 }).catch(() => false)
  }

  async delete(): Promise<void> {
    await this.#request.kubectl(['delete', 'pod', this.name, '--force', '--grace-period=0'])
  }

  async shell(script: string): Promise<string> {
    return (await this.#request.node.run(['sh', '-c', script, this.#folder])).stdout.trim()
  }
}

/** The folder on the node that told pods have as /programs. */
export const PROGRAMS = `${FOLDER}/programs`

/** Puts a program on a node, which told pods find in /programs. */
export const putProgram = (node: EmulatedNode, program: string): Promise<void> =>
  node.put(program, `${PROGRAMS}/${basename(program)}`)
