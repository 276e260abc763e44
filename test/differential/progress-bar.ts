/** A bar on a terminal, one line per step in a log; on stderr. From the second step on it says how long the rest will take. */
export class ProgressBar {
  #total: number
  readonly #begun = performance.now()
  #done = 0

  constructor(total: number) {
    this.#total = total
  }

  /** So many steps more have come up. */
  add(steps: number): void {
    this.#total += steps
  }

  /** One more step is done; `next` is what comes. */
  step(next: string): void {
    const width = 30
    const filled = Math.round((this.#done / this.#total) * width)
    const bar = `[${'#'.repeat(filled)}${'.'.repeat(width - filled)}] ${this.#done}/${this.#total}${this.#left()} ${next}`
    process.stderr.write(process.stderr.isTTY ? `\r\u001b[K${bar}` : `${bar}\n`)
    this.#done += 1
  }

  #left(): string {
    if (this.#done === 0) return ''
    const each = (performance.now() - this.#begun) / this.#done
    const seconds = (each * (this.#total - this.#done)) / 1000
    return seconds < 90 ? ` ${Math.ceil(seconds)} s left` : ` ${Math.ceil(seconds / 60)} min left`
  }
}
