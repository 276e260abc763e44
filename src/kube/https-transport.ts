import {
  Agent as HttpAgent,
  request as httpRequest,
  type ClientRequest,
  type IncomingMessage,
} from 'node:http'
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https'
import { ApiError } from './api-error.ts'
import type { ClusterAccess } from './cluster-access.ts'
import type { Transport, TransportRequest, TransportResponse } from './transport.ts'

/** One HTTP exchange over kept-alive connections. Idle sockets do not keep the process alive. */
export class HttpsTransport implements Transport {
  readonly #base: URL
  readonly #agent: HttpsAgent | HttpAgent
  readonly #serverName: string | undefined

  constructor(access: ClusterAccess) {
    this.#base = new URL(access.server)
    this.#serverName = access.serverName
    const keep = { keepAlive: true, keepAliveMsecs: 15_000, maxFreeSockets: 8 }
    this.#agent =
      this.#base.protocol === 'http:'
        ? new HttpAgent(keep)
        : new HttpsAgent({
            ...keep,
            ...(access.ca === undefined ? {} : { ca: access.ca }),
            ...(access.cert === undefined ? {} : { cert: access.cert }),
            ...(access.key === undefined ? {} : { key: access.key }),
            rejectUnauthorized: access.insecureSkipVerify !== true,
          })
  }

  send(request: TransportRequest): Promise<TransportResponse> {
    return new Promise((resolve, reject) => {
      const outgoing = this.#open(request)
      outgoing.once('response', (incoming) => {
        resolve(responseOf(incoming))
      })
      outgoing.once('error', (error: NodeJS.ErrnoException) => {
        const idempotentOnStaleSocket =
          request.method === 'GET' &&
          outgoing.reusedSocket &&
          error.code === 'ECONNRESET' &&
          !request.signal.aborted
        if (idempotentOnStaleSocket) resolve(this.send(request))
        else reject(this.#noAnswer(request, error))
      })
      outgoing.end(request.body)
    })
  }

  close(): void {
    this.#agent.destroy()
  }

  #open(request: TransportRequest): ClientRequest {
    const body = request.body
    const options = {
      agent: this.#agent,
      method: request.method,
      signal: request.signal,
      headers: {
        ...request.headers,
        ...(body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) }),
      },
    }
    const url = new URL(this.#base.pathname.replace(/\/$/, '') + request.path, this.#base)
    if (this.#base.protocol === 'http:') return httpRequest(url, options)
    return httpsRequest(url, {
      ...options,
      ...(this.#serverName === undefined ? {} : { servername: this.#serverName }),
    })
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

function responseOf(incoming: IncomingMessage): TransportResponse {
  return {
    status: incoming.statusCode ?? 0,
    headers: incoming.headers,
    body: incoming,
    discard: () => {
      incoming.destroy()
    },
  }
}
