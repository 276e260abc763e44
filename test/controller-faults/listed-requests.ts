import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** The forms of all requests of the controller, from the audit log. `make controller-faults` writes it. */
const FILE = join(import.meta.dirname, 'requests.txt')

export const listedRequests = async (): Promise<Set<string>> =>
  new Set((await readFile(FILE, 'utf8').catch(() => '')).split('\n').filter((line) => line !== ''))

export const writeListedRequests = (forms: ReadonlySet<string>): Promise<void> =>
  writeFile(FILE, `${[...forms].sort().join('\n')}\n`)
