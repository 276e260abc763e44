import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { hostDocument } from '../../src/api/host-document.ts'
import type { HostDocument } from '../../src/api/host-document.ts'
import { LAB_PATHS } from '../harness/lab-paths.ts'

/*
 * The documents of the differential hosts, as their last probe left them in .lab/run/differential: what one command has probed another
 * need not boot a host for.
 */

const folder = join(LAB_PATHS.root, '.lab/run/differential')
const fileOf = (name: string): string => join(folder, `${name}.json`)

export const keepDocument = async (name: string, document: HostDocument): Promise<void> => {
  await mkdir(folder, { recursive: true })
  await writeFile(fileOf(name), `${JSON.stringify(document, undefined, 2)}\n`)
}

/** Throws if nobody has probed the host. */
export const keptDocument = async (name: string): Promise<HostDocument> =>
  hostDocument.parse(JSON.parse(await readFile(fileOf(name), 'utf8')))
