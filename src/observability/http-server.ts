import { createServer, type Server, type ServerResponse } from 'node:http'
import { CpuFeaturesError } from './cpu-features-error.ts'
import type { Metrics } from './metrics.ts'

/** Returns what is not ready; an empty list means ready. */
export type ReadinessCheck = () => readonly string[]

export type HttpServerOptions = {
  /** `host:port`, `:port` or `[v6]:port`; port 0 takes a free one. */
  readonly address: string
  readonly metrics: Metrics
  /** Says what is not ready yet. */
  readonly notReady: ReadinessCheck
}

/** Serves /healthz, /readyz and /metrics, and nothing else. */
export class HttpServer {
  readonly #options: HttpServerOptions
  readonly #server: Server

  constructor(options: HttpServerOptions) {
    this.#options = options
    this.#server = createServer((request, response) => {
      void this.#answer(request.url ?? '/', response)
    })
  }

  /** Starts to listen and returns the port. Throws CpuFeaturesError LISTEN if it cannot. */
  async start(): Promise<number> {
    const { host, port } = parseAddress(this.#options.address)
    const listening = Promise.withResolvers<undefined>()
    this.#server.once('error', listening.reject)
    this.#server.listen({ port, ...(host === '' ? {} : { host }) }, () => {
      listening.resolve(undefined)
    })
    try {
      await listening.promise
    } catch (cause) {
      throw new CpuFeaturesError('LISTEN', {
        step: 'listen',
        operands: { address: this.#options.address },
        cause,
      })
    }
    const bound = this.#server.address()
    return typeof bound === 'object' && bound !== null ? bound.port : port
  }

  stop(): Promise<void> {
    return new Promise((resolve) => {
      this.#server.close(() => {
        resolve()
      })
      this.#server.closeAllConnections()
    })
  }

  async #answer(url: string, response: ServerResponse): Promise<void> {
    const path = url.split('?')[0]
    if (path === '/healthz') send(response, 200, 'ok\n')
    else if (path === '/readyz') {
      const missing = this.#options.notReady()
      if (missing.length === 0) send(response, 200, 'ok\n')
      else send(response, 503, `${missing.map((what) => `not ready: ${what}`).join('\n')}\n`)
    } else if (path === '/metrics') {
      const { contentType, text } = await this.#options.metrics.expose()
      send(response, 200, text, contentType)
    } else send(response, 404, 'not found: this server has /healthz, /readyz and /metrics\n')
  }
}

const send = (response: ServerResponse, status: number, body: string, contentType = 'text/plain'): void => {
  response.writeHead(status, { 'content-type': contentType })
  response.end(body)
}

/** Splits `host:port` at the last colon. Throws CpuFeaturesError LISTEN if there is no port. */
export const parseAddress = (address: string): { readonly host: string; readonly port: number } => {
  const match = /^(?:\[([^\]]+)\]|([^:]*)):(\d{1,5})$/.exec(address)
  const port = Number(match?.[3])
  if (match === null || port > 65_535) {
    throw new CpuFeaturesError('LISTEN', {
      step: 'read the address',
      operands: { address },
      remedy: 'Write it as host:port, :port or [IPv6]:port.',
    })
  }
  return { host: match[1] ?? match[2] ?? '', port }
}
