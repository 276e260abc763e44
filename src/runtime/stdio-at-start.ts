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
 * The file status flags (fcntl(2), F_GETFL) with which this process got stdin, stdout and stderr, by fd, without closed ones. Import it
 * before anything else: Node makes a pipe non-blocking when code touches `process.stderr`, and loading `node:util` is enough.
 */
export const STDIO_AT_START: ReadonlyMap<number, number> = new Map(
  [0, 1, 2].flatMap((fd) => {
    const flags = flagsOf(fd)
    return flags === undefined ? [] : [[fd, flags] as const]
  }),
)
