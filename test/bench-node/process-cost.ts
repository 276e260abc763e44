import { readFileSync } from 'node:fs'
import { openFiles, residentKib } from '../harness/holder-process.ts'
import { processorTimeOf } from '../harness/processor-time.ts'

/** What a process has, and has used, at one moment. */
export type ProcessCost = {
  readonly openFiles: number
  readonly mappings: number
  readonly residentKib: number
  /** Milliseconds in user and kernel mode. */
  readonly processorMs: number
}

export const processCost = (pid: number): ProcessCost => ({
  openFiles: openFiles(pid),
  mappings: readFileSync(`/proc/${pid}/maps`, 'utf8').split('\n').length - 1,
  residentKib: residentKib(pid),
  processorMs: processorTimeOf(pid),
})
