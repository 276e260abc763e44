import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { isInContainer } from './is-in-container.ts'
import type { ContainerIdentity } from './container-identity.ts'

/** Undefined: the process has gone. */
const cgroupOf = (proc: string, pid: number): string | undefined => {
  try {
    return readFileSync(join(proc, `${pid}/cgroup`), 'utf8')
  } catch {
    return undefined
  }
}

/** The processes of a container, with those that its VMM has moved to a cgroup below. Reads the cgroup of every process of the node. */
export const processesOf = (container: ContainerIdentity, proc = '/proc'): number[] =>
  readdirSync(proc)
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => isInContainer(cgroupOf(proc, pid) ?? '', container))

/**
 * Whether the process that the filter was installed for is in the container that its runtime named. Where that process has ended and
 * left others, as a shell does that was executed in the container: whether the container has any process.
 */
export const isWhereItsRuntimeSays = (container: ContainerIdentity, proc = '/proc'): boolean => {
  const cgroup = cgroupOf(proc, container.pid)
  return cgroup === undefined ? processesOf(container, proc).length > 0 : isInContainer(cgroup, container)
}
