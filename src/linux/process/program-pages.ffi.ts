import { readFileSync, readlinkSync } from 'node:fs'
import { bindSystemCall } from '../libc.ffi.ts'

/** include/uapi/asm-generic/mman-common.h */
const MADV_DONTNEED = 4

const madvise: (address: bigint, length: bigint, advice: number) => number = bindSystemCall(
  'int madvise(uintptr_t address, size_t length, int advice)',
)

/** A mapping in /proc/PID/smaps, proc(5): "START-END PERMISSIONS OFFSET DEVICE INODE PATH", and a line "Anonymous: SIZE kB". */
const MAPPING =
  /^([0-9a-f]+)-([0-9a-f]+) r-[x-]p [0-9a-f]+ \S+ \d+ +(\/.*)\n(?:[A-Z].*\n)*?Anonymous: +(\d+) kB$/gm

/**
 * Takes the pages of this program's file out of this process's memory (MADV_DONTNEED, madvise(2)). They stay in the page cache, and each
 * comes back when it is used. Only mappings that nobody may write, and of which no page differs from the file: no data is lost. And only
 * those of the program itself, which stay as long as the process: another thread could put its memory where a library was.
 */
export const releaseProgramPages = (): void => {
  const program = readlinkSync('/proc/self/exe')
  for (const [, start = '', end = '', path, anonymousKib] of readFileSync(
    '/proc/self/smaps',
    'utf8',
  ).matchAll(MAPPING)) {
    if (path !== program || anonymousKib !== '0') continue
    const address = BigInt(`0x${start}`)
    madvise(address, BigInt(`0x${end}`) - address, MADV_DONTNEED)
  }
}
