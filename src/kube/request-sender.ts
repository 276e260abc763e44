import type { Clock } from '../runtime/clock.ts'
import { ApiError, retryAfterSeconds } from './api-error.ts'
import type { HttpsTransport, TransportRequest, TransportResponse } from './https-transport.ts'
import { retryAfterMs } from './retry-after.ts'

export type Method = TransportRequest['method']

export type SendOptions = {
  readonly contentType?: string | undefined
  readonly body?: unknown
  /** For the whole call, retries included. Default 30. */
  readonly timeoutSeconds?: number | undefined
  readonly signal?: AbortSignal | undefined
}

/** As client-go's `rest.Request`: at most this many tries where the server says when to come back. */
const MAX_TRIES = 10
const DEFAULT_TIMEOUT_SECONDS = 30

type Sent = {
  readonly method: Method
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
}

export type RequestSenderParts = {
  readonly transport: Pick<HttpsTransport, 'send' | 'authenticateAnew' | 'close'>
  readonly clock: Clock
  readonly userAgent: string
  /** Ends every call, also those that come later. */
  readonly signal?: AbortSignal | undefined
  /** In [0, 1). Default Math.random. */
  readonly random?: (() => number) | undefined
}

/** Sends requests with a deadline, once more with new credentials after a 401, and comes back when the server says `Retry-After`. */
export class RequestSender {
  readonly #transport: RequestSenderParts['transport']
  readonly #clock: Clock
  readonly #userAgent: string
  readonly #signal: AbortSignal | undefined
  readonly #random: () => number

  constructor(parts: RequestSenderParts) {
    this.#transport = parts.transport
    this.#clock = parts.clock
    this.#userAgent = parts.userAgent
    this.#signal = parts.signal
    this.#random = parts.random ?? Math.random
  }

  /** Sends and reads a JSON answer. Throws ApiError for every status of 400 and above, and for no answer in time. */
  async json(method: Method, path: string, options: SendOptions = {}): Promise<unknown> {
    const body = await this.text(method, path, options)
    return body === '' ? undefined : JSON.parse(body)
  }

  /** As `json`, for answers that are plain text (`/readyz`). */
  async text(method: Method, path: string, options: SendOptions = {}): Promise<string> {
    const timeoutMs = (options.timeoutSeconds ?? DEFAULT_TIMEOUT_SECONDS) * 1000
    const deadline = AbortSignal.timeout(timeoutMs)
    const signal = this.#endedBy(options.signal, deadline)
    try {
      const response = await this.#answer(sentOf(method, path, options), signal, timeoutMs)
      return await read(response.body)
    } catch (error) {
      throw asApiError(error, `${method} ${path}`, deadline.aborted)
    }
  }

  /** Opens a stream: the deadline is for the head of the answer only; `signal` ends the body too. */
  async stream(path: string, signal: AbortSignal): Promise<TransportResponse> {
    const giveUp = new AbortController()
    const head = new AbortController()
    void this.#clock.sleep(DEFAULT_TIMEOUT_SECONDS * 1000, head.signal).then(() => {
      if (!head.signal.aborted) giveUp.abort()
    })
    try {
      const ended = this.#endedBy(signal, giveUp.signal)
      return await this.#answer({ method: 'GET', path, headers: this.#headers() }, ended, 0)
    } catch (error) {
      throw asApiError(error, `GET ${path}`, giveUp.signal.aborted)
    } finally {
      head.abort()
    }
  }

  close(): void {
    this.#transport.close()
  }

  #endedBy(caller: AbortSignal | undefined, deadline: AbortSignal): AbortSignal {
    const others = [caller, this.#signal].filter((signal) => signal !== undefined)
    return others.length === 0 ? deadline : AbortSignal.any([...others, deadline])
  }

  async #answer(sent: Sent, signal: AbortSignal, patienceMs: number): Promise<TransportResponse> {
    const endsAt = this.#clock.monotonic() + patienceMs
    let refreshed = false
    for (let tries = 1; ; tries++) {
      const headers = { ...this.#headers(), ...sent.headers }
      const response = await this.#transport.send({ ...sent, headers, signal })
      if (response.status < 400) return response
      const error = ApiError.fromResponse(response, await read(response.body), `${sent.method} ${sent.path}`)
      if (error.status === 401 && !refreshed) {
        refreshed = true
        this.#transport.authenticateAnew()
        continue
      }
      const waitMs = this.#waitBeforeRetry(response)
      if (waitMs === undefined || tries >= MAX_TRIES || this.#clock.monotonic() + waitMs > endsAt) throw error
      await this.#clock.sleep(waitMs, signal)
      if (signal.aborted) throw error
    }
  }

  /** client-go retries 429 and 5xx where there is a `Retry-After` header, and nothing else: such a request was not run. */
  #waitBeforeRetry(response: TransportResponse): number | undefined {
    if (response.status !== 429 && response.status < 500) return undefined
    const seconds = retryAfterSeconds(response.headers['retry-after'])
    return seconds === undefined ? undefined : retryAfterMs(seconds, this.#random())
  }

  #headers(): Record<string, string> {
    return { accept: 'application/json', 'user-agent': this.#userAgent }
  }
}

const sentOf = (method: Method, path: string, options: SendOptions): Sent => {
  if (options.body === undefined) return { method, path, headers: {} }
  const headers = { 'content-type': options.contentType ?? 'application/json' }
  return { method, path, headers, body: JSON.stringify(options.body) }
}

const read = async (body: AsyncIterable<Buffer>): Promise<string> => {
  const chunks: Buffer[] = []
  for await (const chunk of body) chunks.push(chunk)
  return Buffer.concat(chunks).toString('utf8')
}

const asApiError = (error: unknown, request: string, timedOut: boolean): ApiError => {
  if (error instanceof ApiError && !(timedOut && error.status === 0)) return error
  const reason = timedOut ? 'DeadlineExceeded' : 'Unreachable'
  const what = timedOut ? 'no answer in time' : error instanceof Error ? error.message : String(error)
  return new ApiError({ status: 0, reason, message: `${request}: ${what}`, cause: error })
}
