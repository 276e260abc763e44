import * as z from 'zod'
import type { Plan } from '../../src/api/plan.ts'
import { revisionName } from '../../src/plan/revision-name.ts'
import type { HostAccess } from '../harness/host-access.ts'
import type { HostResult } from '../harness/host-process.ts'
import { eventually } from '../harness/eventually.ts'
import { startManagedGuest } from '../host/launch/managed-guest.ts'
import type { ManagedGuest } from '../host/launch/managed-guest.ts'
import { putRevision } from '../host/launch/revision-file.ts'
import { startStreamRelay } from './stream-relay.ts'

/** This machine's loopback interface, as hosts reach it. */
const MACHINE = '10.0.2.2'

/** What became of a migration. `why`: what QEMU says at the destination. */
export const migrationEnd = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('taken') }),
  z.object({ kind: z.literal('refused'), why: z.string() }),
])

export type MigrationEnd = z.infer<typeof migrationEnd>

const migrationInfo = z.object({
  return: z.looseObject({ status: z.string().optional(), 'error-desc': z.string().optional() }),
})

/** What QEMU says last where a device's state does not load: it ends itself then, whatever `exit-on-error` says (QEMU 10.0). */
const NOT_LOADED = /load of migration failed|while loading state/

const errorsOfQemu = ({ stderr }: HostResult): string =>
  [...stderr.matchAll(/^qemu-system-aarch64: ((?!.*: warning: ).*)$/gm)].map(([, line]) => line).join('; ')

const endOfMigration = async (guest: ManagedGuest): Promise<MigrationEnd> => {
  let ended: HostResult | undefined
  void guest.qemu.exited.then((result) => {
    ended = result
  })
  return eventually('the migration has ended', async () => {
    if (ended !== undefined) return { kind: 'refused', why: errorsOfQemu(ended) }
    const { return: info } = migrationInfo.parse(JSON.parse(await guest.tell('query-migrate')))
    if (info.status === 'completed') return { kind: 'taken' }
    return info.status === 'failed' ? { kind: 'refused', why: info['error-desc'] ?? '' } : undefined
  })
}

const end = async ({ qemu }: ManagedGuest): Promise<void> => {
  qemu.kill()
  await qemu.exited
}

/**
 * Migrates a guest in stock QEMU, with `-cpu host` and launched under the plan on both hosts. Where the destination takes it the guest
 * counts on there, and boots again after a reset. Throws where it does not.
 */
export const migrateGuest = async (from: HostAccess, to: HostAccess, plan: Plan): Promise<MigrationEnd> => {
  const name = revisionName('migration', plan)
  const folder = `/tmp/${name}`
  const [source, destination] = await Promise.all([
    startManagedGuest(from, { plan: await putRevision(from, name, plan), folder }),
    startManagedGuest(to, { plan: await putRevision(to, name, plan), folder, incoming: true }),
  ])
  await source.booted(1)
  using relay = await startStreamRelay()
  const uri = `exec:wget -q -O - http://${MACHINE}:${relay.destination}/`
  await destination.tell('migrate-incoming', { uri, 'exit-on-error': false })
  await source.tell('migrate', { uri: `tcp:${MACHINE}:${relay.source}` })
  const migrated = await endOfMigration(destination)
  if (migrated.kind === 'refused' && !NOT_LOADED.test(migrated.why))
    throw new Error(`the migration failed otherwise than by what is in the stream: ${migrated.why}`)
  if (migrated.kind === 'taken') {
    await destination.goesOn()
    await destination.tell('system_reset')
    await destination.booted(1)
  }
  await Promise.all([end(source), end(destination)])
  await Promise.all([from, to].map((host) => host.run(['rm', '-r', folder])))
  return migrated
}
