import { readFileSync, readdirSync, statSync } from 'node:fs'
import { basename, extname, join } from 'node:path'
import { API_GROUP } from '../../api/names.ts'
import { printNotes } from '../output/print-output.ts'
import { decodeText } from './decode-text.ts'
import { isCpuinfo } from './foreign/linux-cpuinfo.ts'
import { lscpuEntries } from './foreign/lscpu.ts'
import { InputError } from './input-error.ts'
import { jsonValue } from './json-value.ts'
import { parseDocument } from './parse-document.ts'
import type { InputDocument } from './parse-document.ts'
import { yamlValues } from './yaml-values.ts'

const EXTENSIONS = new Set(['.json', '.yaml', '.yml'])

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'no such file',
  EISDIR: 'this is a folder; give a file in it',
}

const reasonOf = (error: unknown): string => {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  return REASONS[code] ?? (error instanceof Error ? error.message : String(error))
}

const fileOf = <T>(path: string, read: () => T): T => {
  try {
    return read()
  } catch (error) {
    throw new InputError(`${path}: ${reasonOf(error)}`)
  }
}

const sourceOf = (path: string): string => (path === '-' ? 'stdin' : path)

/** The text of a file; `-` is standard input. Throws InputError. */
export const readText = (path: string): string => {
  const source = sourceOf(path)
  return decodeText(
    fileOf(source, () => readFileSync(path === '-' ? 0 : path)),
    source,
  )
}

/** Reports are large, and JSON.parse is many times faster than a YAML parser. */
const valuesOf = (source: string, text: string): readonly unknown[] => {
  const json = /^\s*[{[]/.test(text) ? jsonValue(text, source) : undefined
  if (json === undefined && (isCpuinfo(text) || lscpuEntries({ text }) !== undefined))
    throw new InputError(
      `${source} is the output of /proc/cpuinfo or lscpu: convert it with cpufeatures import ${source}`,
    )
  // This may be a stream of objects, or YAML's flow style. The YAML parser reads both, and locates mistakes.
  return json === undefined || json.repeats ? yamlValues(text, source) : [json.value]
}

const items = (value: unknown): readonly unknown[] =>
  Array.isArray(value)
    ? value
    : typeof value === 'object' && value !== null && 'items' in value && Array.isArray(value.items)
      ? value.items
      : [value]

const stem = (path: string): string => (path === '-' ? 'stdin' : basename(path, extname(path)))

type OtherObject = { readonly apiVersion: string; readonly kind: string }

/** An object of Kubernetes that is none of ours: a file may hold a profile and a pod that uses it. */
const isOfOthers = (value: unknown): value is OtherObject =>
  typeof value === 'object' &&
  value !== null &&
  'kind' in value &&
  typeof value.kind === 'string' &&
  'apiVersion' in value &&
  typeof value.apiVersion === 'string' &&
  !value.apiVersion.startsWith(`${API_GROUP}/`)

const passedOver = ({ kind, apiVersion }: OtherObject, source: string): string =>
  `${source}: ${kind} of ${apiVersion} is passed over`

const readFile = (path: string): readonly InputDocument[] => {
  const source = sourceOf(path)
  const text = readText(path)
  const values = valuesOf(source, text).flatMap(items)
  if (values.length === 0)
    throw new InputError(text.trim() === '' ? `${source} is empty` : `${source} has no document in it`)
  const others = values.filter(isOfOthers)
  const ours = others.length === values.length ? values : values.filter((value) => !isOfOthers(value))
  if (ours.length < values.length) printNotes(others.map((value) => passedOver(value, source)))
  return ours.map((value) => parseDocument(value, source, stem(path)))
}

const filesIn = (path: string): readonly string[] => {
  if (path === '-' || !fileOf(path, () => statSync(path)).isDirectory()) return [path]
  const files = readdirSync(path)
    .filter((name) => EXTENSIONS.has(extname(name)))
    .sort()
    .map((name) => join(path, name))
  if (files.length === 0) throw new InputError(`${path}: this folder has no .json, .yaml or .yml file`)
  return files
}

/**
 * The documents in files. `-` is standard input, a folder stands for its .json and .yaml files, and a List for its items.
 * Throws InputError that names file, place and remedy.
 */
export const readDocuments = (paths: readonly string[]): readonly InputDocument[] =>
  paths.flatMap(filesIn).flatMap(readFile)
