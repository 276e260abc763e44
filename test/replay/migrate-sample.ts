import { join } from 'node:path'
import { shortHash } from '../../src/plan/short-hash.ts'
import { bootHost } from '../harness/emulated-host.ts'
import type { HostRequest } from '../harness/emulated-host.ts'
import type { HostAccess } from '../harness/host-access.ts'
import { keptAnswers } from './kept-answers.ts'
import { migrateGuest, migrationEnd } from './migrate-guest.ts'
import type { MigrationEnd } from './migrate-guest.ts'
import type { SampledPair } from './migration-sample.ts'
import type { ReplayCell } from './replay-cell.ts'

/** A cell, and what became of a guest in QEMU. */
export type MigratedCell = { readonly cell: ReplayCell; readonly migrated: MigrationEnd }

/** Whether QEMU's migration ended as predicted, and so as the replay. */
export const isAsPredicted = ({ cell, migrated }: MigratedCell): boolean => cell.predicted === migrated.kind

/** Migrates a guest between two hosts that run, by their names. */
export const migrateCell = async (
  cell: ReplayCell,
  hosts: ReadonlyMap<string, HostAccess>,
): Promise<MigratedCell> => {
  const [from, to] = [hosts.get(cell.from), hosts.get(cell.to)]
  if (from === undefined || to === undefined) throw new Error(`${cell.from} and ${cell.to} do not run`)
  return { cell, migrated: await migrateGuest(from, to, cell.plan) }
}

/** Between two hosts that are booted for it. */
const migrateBetween = async (
  [there, back]: readonly [ReplayCell, ReplayCell],
  requests: readonly HostRequest[],
): Promise<MigrationEnd[]> => {
  const ends = requests.filter(({ name }) => name === there.from || name === there.to)
  const running = await Promise.all(ends.map(bootHost))
  try {
    const hosts = new Map(running.map((host) => [host.name, host]))
    return [(await migrateCell(there, hosts)).migrated, (await migrateCell(back, hosts)).migrated]
  } finally {
    await Promise.all(running.map((host) => host.stop()))
  }
}

/** Migrates a guest there and back, between two hosts that are booted for it; what was migrated before is kept in the folder. */
export const migratePairOnce = async (
  { there, back }: SampledPair,
  requests: readonly HostRequest[],
  folder: string,
): Promise<readonly MigratedCell[]> => {
  const cells = [there, back] as const
  const file = join(folder, `migrated-${shortHash(cells)}.json`)
  const ends = await keptAnswers(file, migrationEnd.array(), () => migrateBetween(cells, requests))
  return ends.flatMap((migrated, index) => {
    const cell = cells[index]
    return cell === undefined ? [] : [{ cell, migrated }]
  })
}

/** A line for each migration, and the counts. */
export const migrationReport = (all: readonly MigratedCell[]): readonly string[] => [
  '',
  'A sample of these migrations, by QEMU:',
  ...all.map(({ cell: { from, to, terms, predicted }, migrated }) =>
    [
      from.padEnd(20),
      to.padEnd(20),
      terms.padEnd(12),
      predicted.padEnd(8),
      migrated.kind === 'taken' ? 'taken' : `refused: ${migrated.why}`,
    ].join(' '),
  ),
  `${all.length} migrations, ${all.filter(isAsPredicted).length} as predicted`,
]
