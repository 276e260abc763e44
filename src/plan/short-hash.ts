import { createHash } from 'node:crypto'
import { canonicalJson } from './canonical-json.ts'

/** The first ten hex digits of the SHA-256 of the canonical JSON: names, not secrets. */
export const shortHash = (value: unknown): string =>
  createHash('sha256').update(canonicalJson(value)).digest('hex').slice(0, 10)
