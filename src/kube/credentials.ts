import { readFile } from 'node:fs/promises'
import type { Clock } from '../runtime/clock.ts'
import type { Credentials } from './cluster-access.ts'

/** No header: the client certificate, if any, says who we are. */
export const noCredentials: Credentials = Object.freeze({
  headers: () => Promise.resolve({}),
  invalidate: () => undefined,
})

export function staticHeader(authorization: string): Credentials {
  return { headers: () => Promise.resolve({ authorization }), invalidate: () => undefined }
}

/** How long a token read from a file is used: as client-go's `fileTokenSource`; the kubelet rotates at 80 % of its life. */
const rereadMs = 60_000

/** A bearer token in a file that someone rotates. An unreadable file keeps the last token: the 401 then says more. */
export class TokenFile implements Credentials {
  readonly #path: string
  readonly #clock: Clock
  #token: string | undefined
  #readAt = -Infinity

  constructor(path: string, clock: Clock) {
    this.#path = path
    this.#clock = clock
  }

  async headers(): Promise<Readonly<Record<string, string>>> {
    if (this.#clock.monotonic() - this.#readAt >= rereadMs) await this.#read()
    return { authorization: `Bearer ${this.#token ?? ''}` }
  }

  invalidate(): void {
    this.#readAt = -Infinity
  }

  async #read(): Promise<void> {
    try {
      this.#token = (await readFile(this.#path, 'utf8')).trim()
      this.#readAt = this.#clock.monotonic()
    } catch (error) {
      if (this.#token === undefined) throw error
    }
  }
}
