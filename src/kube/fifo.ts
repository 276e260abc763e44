/** Taken places before the array is cut; below this, cutting costs more than the places do. */
const CUT_AT = 1024

/**
 * First in, first out, each step in constant time on average. `Array.shift` moves every element of an array that is too large for
 * V8 to move its start instead (some 16 000 elements). The array is cut when half of it has been taken.
 */
export class Fifo<T> {
  #values: (T | undefined)[] = []
  #first = 0

  get length(): number {
    return this.#values.length - this.#first
  }

  push(value: T): void {
    this.#values.push(value)
  }

  shift(): T | undefined {
    if (this.length === 0) return undefined
    const value = this.#values[this.#first]
    this.#values[this.#first++] = undefined
    if (this.#first >= CUT_AT && this.#first * 2 >= this.#values.length) {
      this.#values = this.#values.slice(this.#first)
      this.#first = 0
    }
    return value
  }

  /** Takes everything that is left. */
  drain(): T[] {
    const left = this.#values.slice(this.#first) as T[]
    this.#values = []
    this.#first = 0
    return left
  }
}
