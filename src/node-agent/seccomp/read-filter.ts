import * as z from 'zod'
import { parseLossless } from './lossless-json.ts'
import { ociSeccomp, type OciSeccomp } from './oci-seccomp.ts'

const ociConfig = z.looseObject({ linux: z.looseObject({ seccomp: ociSeccomp.nullish() }).nullish() })

export type ReadFilter =
  | { readonly kind: 'filter'; readonly filter: OciSeccomp }
  /** The configuration has no filter. */
  | { readonly kind: 'none' }
  | { readonly kind: 'unreadable'; readonly error: string }

const parsed = <T>(text: string, schema: z.ZodType<T>): T | Error => {
  try {
    const { data, error } = schema.safeParse(parseLossless(text))
    return data ?? new Error(error === undefined ? 'empty' : z.prettifyError(error))
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error))
  }
}

/** The filter in the OCI configuration of a container. */
export const filterOfConfig = (text: string): ReadFilter => {
  const config = parsed(text, ociConfig)
  if (config instanceof Error) return { kind: 'unreadable', error: config.message }
  const filter = config.linux?.seccomp
  return filter ? { kind: 'filter', filter } : { kind: 'none' }
}

/** The filter in a Localhost file. */
export const filterOfFile = (text: string): ReadFilter => {
  const filter = parsed(text, ociSeccomp)
  return filter instanceof Error ? { kind: 'unreadable', error: filter.message } : { kind: 'filter', filter }
}
