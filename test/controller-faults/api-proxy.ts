import { randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { ApiExchange, type Upstream } from './api-exchange.ts'
import { isElection, requestForm } from './request-form.ts'
import { WatchGate } from './watch-gate.ts'

/** Does with an exchange what it likes; the proxy does nothing more with it. */
export type Intervention = (exchange: ApiExchange) => Promise<void>

/** Stands between one controller and the API server. Plain HTTP towards the controller, so that it needs no certificate. */
export class ApiProxy {
  readonly gate = new WatchGate()
  /** Asked at each request; undefined: it passes. */
  intervene: ((form: string) => Intervention | undefined) | undefined
  readonly #upstream: Upstream
  readonly #forms: Map<string, string>
  readonly #server: Server
  #underWay = 0
  #lastEndedMs = performance.now()

  private constructor(upstream: Upstream, forms: Map<string, string>) {
    this.#upstream = upstream
    this.#forms = forms
    this.#server = createServer((incoming, outgoing) => {
      void this.#handle(incoming, outgoing).catch(() => outgoing.destroy())
    })
    // The API server does not close idle connections either, as far as a test lasts.
    this.#server.keepAliveTimeout = 0
    this.#server.requestTimeout = 0
  }

  /** `forms` gets the form of each request that comes, by its audit id. */
  static async start(upstream: Upstream, forms: Map<string, string>): Promise<ApiProxy> {
    const proxy = new ApiProxy(upstream, forms)
    proxy.#server.listen(0, '127.0.0.1')
    await once(proxy.#server, 'listening')
    return proxy
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  /** For how long no request has been under way, watches and the election aside; 0 while one is. */
  get quietMs(): number {
    return this.#underWay > 0 ? 0 : performance.now() - this.#lastEndedMs
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections()
    this.#server.close()
    await once(this.#server, 'close')
  }

  async #handle(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const body = await textOf(incoming)
    const form = requestForm({ method: incoming.method ?? 'GET', url: incoming.url ?? '/', body })
    const id = randomUUID()
    this.#forms.set(id, form)
    const isWatch = form.startsWith('watch ')
    const exchange = new ApiExchange({
      ...{ incoming, outgoing, body, id, isWatch },
      upstream: this.#upstream,
      gate: this.gate,
    })
    const isWork = !isElection(form)
    if (isWork) this.#underWay += 1
    try {
      await (this.intervene?.(form) ?? passing)(exchange)
    } finally {
      if (isWork) {
        this.#underWay -= 1
        this.#lastEndedMs = performance.now()
      }
    }
  }
}

const passing: Intervention = async (exchange) => {
  await exchange.forward()
  exchange.deliver()
}

const textOf = async (incoming: IncomingMessage): Promise<string> => {
  const chunks: Buffer[] = []
  for await (const chunk of incoming) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString()
}
