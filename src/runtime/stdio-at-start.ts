import { readFileSync } from 'node:fs'

const flagsOf = (fd: number): number | undefined => {
  try {
    const flags = /^flags:\s*(\d+)/m.exec(readFileSync(`/proc/self/fdinfo/${fd}`, 'utf8'))?.[1]
    return flags === undefined ? undefined : Number.parseInt(flags, 8)
  } catch {
    return undefined
  }
}

/**
 * The file status flags (fcntl(2), F_GETFL) of stdin, stdout and stderr as this process got them, by fd; one that is closed is left out. To
 * be imported before all else: Node makes a pipe non-blocking when `process.stderr` is looked at, which `node:util` does when it is loaded.
 */
export const STDIO_AT_START: ReadonlyMap<number, number> = new Map(
  [0, 1, 2].flatMap((fd) => {
    const flags = flagsOf(fd)
    return flags === undefined ? [] : [[fd, flags] as const]
  }),
)
