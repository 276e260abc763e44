import type { IncomingMessage, ServerResponse } from 'node:http'
import { request, type Agent } from 'node:https'
import type { WatchGate } from './watch-gate.ts'

/** The real API server, and how to reach it. */
export type Upstream = { readonly server: string; readonly ca: Buffer; readonly agent: Agent }

export type ExchangeParts = {
  readonly incoming: IncomingMessage
  readonly outgoing: ServerResponse
  readonly body: string
  readonly upstream: Upstream
  /** Sent as `Audit-ID`, so that the audit log names the request as the proxy does. */
  readonly id: string
  readonly gate: WatchGate
  readonly isWatch: boolean
}

const REASONS: Readonly<Record<number, string>> = {
  409: 'Conflict',
  410: 'Expired',
  429: 'TooManyRequests',
  500: 'InternalError',
}

/** One request of the controller with its answer, each step of which can be left out or made late. */
export class ApiExchange {
  readonly #parts: ExchangeParts
  #answer: IncomingMessage | undefined
  #body = Buffer.alloc(0)

  constructor(parts: ExchangeParts) {
    this.#parts = parts
  }

  /** Sends the request to the API server. Resolves when the answer was read; of a watch, when it begins. */
  async forward(): Promise<void> {
    const answer = await this.#send()
    this.#answer = answer
    if (this.#parts.isWatch) return
    const chunks: Buffer[] = []
    for await (const chunk of answer) chunks.push(chunk as Buffer)
    this.#body = Buffer.concat(chunks)
  }

  /** Gives the controller what the API server has answered. Of a watch, resolves when it has begun. */
  deliver(): void {
    const { outgoing, isWatch } = this.#parts
    const answer = this.#answer
    if (answer === undefined) throw new Error('there is no answer yet')
    outgoing.writeHead(answer.statusCode ?? 500, answer.headers)
    if (isWatch) void this.#pipe(answer)
    else outgoing.end(this.#body)
  }

  /** Answers instead of the API server. */
  refuse(code: number): void {
    const reason = REASONS[code] ?? 'Unknown'
    const message = `${reason}: caused by the test`
    const status = { kind: 'Status', apiVersion: 'v1', status: 'Failure', message, reason, code }
    const later = code === 429 ? { 'retry-after': '1' } : {}
    this.#parts.outgoing.writeHead(code, { 'content-type': 'application/json', ...later })
    this.#parts.outgoing.end(JSON.stringify(status))
  }

  /** Closes the connection without an answer. */
  cut(): void {
    this.#answer?.destroy()
    this.#parts.outgoing.destroy()
  }

  #send(): Promise<IncomingMessage> {
    const { incoming, body, upstream, id, outgoing } = this.#parts
    const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>()
    const headers = { ...incoming.headers, 'audit-id': id, host: new URL(upstream.server).host }
    const sent = request(new URL(incoming.url ?? '/', upstream.server), {
      method: incoming.method,
      headers,
      ca: upstream.ca,
      agent: upstream.agent,
    })
    sent.once('response', resolve)
    sent.once('error', reject)
    // A watch ends at the API server with the controller that has opened it.
    if (this.#parts.isWatch) outgoing.once('close', () => sent.destroy())
    sent.end(body)
    return promise
  }

  async #pipe(answer: IncomingMessage): Promise<void> {
    const { outgoing, gate } = this.#parts
    outgoing.flushHeaders()
    try {
      for await (const chunk of answer) {
        await gate.passed()
        outgoing.write(chunk as Buffer)
      }
      outgoing.end()
    } catch {
      // One of the two has gone; the other one learns it.
      outgoing.destroy()
    }
  }
}
