import { readdirSync, readFileSync } from 'node:fs'
import { isInContainer } from './is-in-container.ts'
import type { ContainerIdentity } from './container-identity.ts'

const cgroupOf = (pid: number): string => {
  try {
    return readFileSync(`/proc/${pid}/cgroup`, 'utf8')
  } catch {
    // The process has gone.
    return ''
  }
}

/** Whether the process that the filter was installed for is in the container that its runtime named. */
export const isWhereItsRuntimeSays = (container: ContainerIdentity): boolean =>
  isInContainer(cgroupOf(container.pid), container)

/** The processes of a container, with those that its VMM has moved to a cgroup below. Reads the cgroup of every process of the node. */
export const processesOf = (container: ContainerIdentity): number[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => isInContainer(cgroupOf(pid), container))
