import { pino, stdSerializers, stdTimeFunctions, type DestinationStream, type Logger } from 'pino'

export type { Logger } from 'pino'

export const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const
export type LogLevel = (typeof LOG_LEVELS)[number]

/**
 * Logs JSON lines with RFC 3339 time and the level by name; an error is under `err`. Logs to standard error if standard output is the
 * product.
 */
export const createLogger = (
  options: { readonly level: LogLevel; readonly component: string },
  destination: DestinationStream = pino.destination({ fd: 2, sync: true }),
): Logger =>
  pino(
    {
      level: options.level,
      base: { component: options.component },
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { err: stdSerializers.err },
    },
    destination,
  )
