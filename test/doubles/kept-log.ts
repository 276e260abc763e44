import type { Log } from '../../src/kube/log.ts'

/** A log for tests that keeps its messages. */
export class KeptLog implements Log {
  readonly lines: string[] = []

  debug(_data: object, message: string): void {
    this.lines.push(`debug ${message}`)
  }
  info(_data: object, message: string): void {
    this.lines.push(`info ${message}`)
  }
  warn(_data: object, message: string): void {
    this.lines.push(`warn ${message}`)
  }
  error(_data: object, message: string): void {
    this.lines.push(`error ${message}`)
  }
}
