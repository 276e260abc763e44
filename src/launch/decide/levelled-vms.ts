/** What {@link LevelledVms} knows, for a successor: the inode of each VM in debugfs, and its vCPU fds. */
export type LevelledVmsState = readonly (readonly [inode: number, fds: readonly number[]])[]

/**
 * The VMs of a process in which vCPUs were levelled, by their inode in KVM's debugfs: an fd or a name may become another VM's, an inode
 * does not. `alive`: the inodes of all VMs of the process at that moment; undefined if debugfs cannot be read, and nothing is known
 * then.
 */
export class LevelledVms {
  /** By inode: the fds whose vCPU has all that was planned with its VM. */
  readonly #vcpus: Map<number, Set<number>>

  constructor(state: LevelledVmsState = []) {
    this.#vcpus = new Map(state.map(([inode, fds]) => [inode, new Set(fds)]))
  }

  /**
   * A vCPU was levelled; `vmWide`: nothing was written that KVM keeps for each vCPU by itself. Of which VM it is can be told where there
   * is only one.
   */
  add(alive: readonly number[] | undefined, fd: number, vmWide: boolean): void {
    const [inode] = alive ?? []
    if (inode === undefined || alive?.length !== 1) return
    const vcpus = this.#vcpus.get(inode) ?? new Set()
    this.#vcpus.set(inode, vcpus)
    if (vmWide) vcpus.add(fd)
    else vcpus.delete(fd)
  }

  /** Whether the vCPU of this fd is for certain as it was levelled: a reset leaves it so. */
  isLevelledVcpu(alive: readonly number[] | undefined, fd: number): boolean {
    const [inode] = alive ?? []
    return inode !== undefined && alive?.length === 1 && this.#vcpus.get(inode)?.has(fd) === true
  }

  /** Whether there is no VM but such, which any vCPU must be of then. */
  areAll(alive: readonly number[] | undefined): boolean {
    return alive !== undefined && alive.length > 0 && alive.every((inode) => this.#vcpus.has(inode))
  }

  state(): [inode: number, fds: number[]][] {
    return [...this.#vcpus].map(([inode, fds]) => [inode, [...fds]])
  }
}
