import {
  Agent as HttpAgent,
  request as httpRequest,
  type ClientRequest,
  type IncomingMessage,
} from 'node:http'
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https'
import { ApiError, type ResponseHead } from './api-error.ts'
import type { AccessOptions, ClusterAccess } from './cluster-access.ts'

export type TransportRequest = {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** Path and query. */
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
  readonly signal: AbortSignal
}

/** An answer whose body has not been read. Read it or `discard` it; otherwise its connection is never free again. */
export type TransportResponse = {
  readonly body: AsyncIterable<Buffer>
  discard(): void
} & ResponseHead

/** One HTTP exchange with our credentials, over kept-alive connections; no policy. Idle sockets do not keep the process alive. */
export class HttpsTransport {
  readonly #access: ClusterAccess
  readonly #base: URL
  /** Has no TLS material. That comes with each request, and another certificate or CA gets its own connections. */
  readonly #agent: HttpsAgent | HttpAgent

  constructor(access: ClusterAccess) {
    this.#access = access
    this.#base = new URL(access.server)
    const keep = { keepAlive: true, keepAliveMsecs: 15_000, maxFreeSockets: 8 }
    this.#agent = this.#base.protocol === 'http:' ? new HttpAgent(keep) : new HttpsAgent(keep)
  }

  /** Rejects with ApiError status 0 without an answer, and with an Error without credentials. */
  async send(request: TransportRequest): Promise<TransportResponse> {
    return this.#exchange(request, await this.#access.requestOptions())
  }

  /** Called after a 401: reads or fetches our credentials again. */
  authenticateAnew(): void {
    this.#access.invalidate()
  }

  close(): void {
    this.#agent.destroy()
  }

  #exchange(request: TransportRequest, access: AccessOptions): Promise<TransportResponse> {
    return new Promise((resolve, reject) => {
      const outgoing = this.#open(request, access)
      outgoing.once('response', (incoming) => {
        resolve(responseOf(incoming))
      })
      outgoing.once('error', (error: NodeJS.ErrnoException) => {
        const idempotentOnStaleSocket =
          request.method === 'GET' &&
          outgoing.reusedSocket &&
          error.code === 'ECONNRESET' &&
          !request.signal.aborted
        if (idempotentOnStaleSocket) resolve(this.#exchange(request, access))
        else reject(this.#noAnswer(request, error))
      })
      outgoing.end(request.body)
    })
  }

  #open(request: TransportRequest, access: AccessOptions): ClientRequest {
    const body = request.body
    const options = {
      agent: this.#agent,
      ...access,
      method: request.method,
      signal: request.signal,
      headers: {
        ...request.headers,
        ...access.headers,
        ...(body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) }),
      },
    }
    const url = new URL(this.#base.pathname.replace(/\/$/, '') + request.path, this.#base)
    return this.#base.protocol === 'http:' ? httpRequest(url, options) : httpsRequest(url, options)
  }

  #noAnswer(request: TransportRequest, error: Error): ApiError {
    return new ApiError({
      status: 0,
      reason: request.signal.aborted ? 'Canceled' : 'Unreachable',
      message: `${request.method} ${request.path}: no answer from ${this.#base.origin}: ${error.message}`,
      cause: error,
    })
  }
}

const responseOf = (incoming: IncomingMessage): TransportResponse => ({
  status: incoming.statusCode ?? 0,
  headers: incoming.headers,
  body: incoming,
  discard: () => {
    incoming.destroy()
  },
})
