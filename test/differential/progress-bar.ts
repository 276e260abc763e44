/** A bar on a terminal, a line a step in a log; on stderr. */
export class ProgressBar {
  readonly #total: number
  #done = 0

  constructor(total: number) {
    this.#total = total
  }

  /** One more step is done; `next` is what comes. */
  step(next: string): void {
    const width = 30
    const filled = Math.round((this.#done / this.#total) * width)
    const bar = `[${'#'.repeat(filled)}${'.'.repeat(width - filled)}] ${this.#done}/${this.#total} ${next}`
    process.stderr.write(process.stderr.isTTY ? `\r\u001b[K${bar}` : `${bar}\n`)
    this.#done += 1
  }
}
