import type { ResponseHead } from './api-error.ts'

export interface TransportRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** Path and query. */
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
  readonly signal: AbortSignal
}

/** An answer whose body has not been read. Read it or `discard` it, else its connection is never free again. */
export interface TransportResponse extends ResponseHead {
  readonly body: AsyncIterable<Buffer>
  discard(): void
}

/** The port between the client and the network: one HTTP exchange, no policy. */
export interface Transport {
  /** Rejects with ApiError status 0 where there is no answer. */
  send(request: TransportRequest): Promise<TransportResponse>
  close(): void
}
