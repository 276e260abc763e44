/** Why a request had no answer at all, beside the reasons that the API server itself gives in a `Status`. */
export type TransportReason = 'Unreachable' | 'DeadlineExceeded' | 'Canceled'

export type ApiErrorDetails = {
  /** HTTP status; 0 if there was no answer. */
  readonly status: number
  /** `Status.reason` (`NotFound`, `Conflict`, `Expired`, ...) or a TransportReason. */
  readonly reason: string
  readonly message: string
  readonly retryAfterSeconds?: number | undefined
  readonly cause?: unknown
}

/** A request that the API server refused, or that got no answer. */
export class ApiError extends Error {
  readonly status: number
  readonly reason: string
  readonly retryAfterSeconds: number | undefined

  constructor(details: ApiErrorDetails) {
    super(details.message, details.cause === undefined ? undefined : { cause: details.cause })
    this.name = 'ApiError'
    this.status = details.status
    this.reason = details.reason
    this.retryAfterSeconds = details.retryAfterSeconds
  }

  /** Builds the error from an HTTP answer: a `Status` object where the body is one, else what HTTP says. */
  static fromResponse(response: ResponseHead, body: string, request: string): ApiError {
    const status = parseStatus(body)
    return new ApiError({
      status: response.status,
      reason: status.reason ?? reasonOf(response.status),
      message: `${request}: ${status.message ?? (body.slice(0, 200) || `HTTP ${response.status}`)}`,
      retryAfterSeconds: retryAfterSeconds(response.headers['retry-after']) ?? status.retryAfterSeconds,
    })
  }
}

export type ResponseHead = {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
}

/** True for an ApiError with this HTTP status (404 gone, 409 conflict, ...). */
export const isApiError = (error: unknown, status: number): error is ApiError =>
  error instanceof ApiError && error.status === status

/** `Retry-After` in seconds. The API server sends the delay form only, never a date. */
export const retryAfterSeconds = (header: string | string[] | undefined): number | undefined => {
  const seconds = typeof header === 'string' ? Number(header) : NaN
  return Number.isFinite(seconds) && seconds >= 0 ? seconds : undefined
}

type StatusBody = {
  readonly reason?: string
  readonly message?: string
  readonly retryAfterSeconds?: number
}

const parseStatus = (body: string): StatusBody => {
  let value: { kind?: unknown; reason?: string; message?: string; details?: { retryAfterSeconds?: number } }
  try {
    value = JSON.parse(body) as typeof value
  } catch {
    return {}
  }
  if (value.kind !== 'Status') return {}
  return {
    ...(value.reason === undefined ? {} : { reason: value.reason }),
    ...(value.message === undefined ? {} : { message: value.message }),
    ...(value.details?.retryAfterSeconds === undefined
      ? {}
      : { retryAfterSeconds: value.details.retryAfterSeconds }),
  }
}

const reasonOf = (status: number): string => {
  const reasons: Readonly<Record<number, string>> = {
    401: 'Unauthorized',
    403: 'Forbidden',
    404: 'NotFound',
    409: 'Conflict',
    410: 'Expired',
    429: 'TooManyRequests',
    503: 'ServiceUnavailable',
    504: 'Timeout',
  }
  return reasons[status] ?? (status >= 500 ? 'InternalError' : 'Unknown')
}
