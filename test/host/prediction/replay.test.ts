import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import { inspect } from 'node:util'
import { probeWithTrials } from '../../differential/ask-kvm.ts'
import { twoAtOnce } from '../../differential/two-at-once.ts'
import type { HostAccess } from '../../harness/host-access.ts'
import { connectHost } from '../../harness/lab-session.ts'
import { isAsPredicted, migrateCell } from '../../replay/migrate-sample.ts'
import { migrationSample } from '../../replay/migration-sample.ts'
import { contradiction, replayCells } from '../../replay/replay-cell.ts'
import type { ReplayCell, ReplayHost } from '../../replay/replay-cell.ts'
import { askHost, loadingJobs, SavedStreams, savingJobs } from '../../replay/replay-rounds.ts'

type Booted = ReplayHost & { readonly access: HostAccess }

const NAMES = ['neoverse-v1', 'neoverse-n2'] as const

/** `make replay` in small: its pairs are all of 22 hosts. */
describe('migrations between the two hosts, register by register', () => {
  let hosts: readonly Booted[]
  let cells: readonly ReplayCell[]
  before(async () => {
    hosts = await twoAtOnce(NAMES, async (name): Promise<Booted> => {
      const access = await connectHost(name)
      return { name, access, document: await probeWithTrials(access) }
    })
    cells = replayCells(hosts)
  })

  it('are predicted to be taken, and to be refused', () => {
    assert.deepEqual(new Set(cells.map(({ predicted }) => predicted)), new Set(['taken', 'refused']))
    assert.ok(cells.some(({ plan }) => plan.vcpuFeatures.sve === 'Required'))
  })

  it('end as predicted, by the register that was named', async () => {
    const saved = new SavedStreams()
    await twoAtOnce(hosts, async (host) => {
      const jobs = savingJobs(host, cells)
      saved.add(host, jobs, await askHost(host.access, jobs))
    })
    const faults: string[] = []
    let replayed = 0
    await twoAtOnce(hosts, async (host) => {
      const into = loadingJobs(host, cells, saved)
      const answers = await askHost(
        host.access,
        into.map(({ job }) => job),
      )
      for (const [index, { cell }] of into.entries()) {
        const fault = contradiction(cell, answers[index] ?? { wrong: 'no answer' })
        if (fault !== undefined) faults.push(`${cell.from} to ${cell.to}, ${cell.terms}: ${fault}`)
        replayed += 1
      }
    })
    assert.deepEqual(faults, [])
    assert.equal(replayed, cells.length)
  })

  it('end in QEMU as in the replay: a guest goes on and boots again, or is refused', async () => {
    const access = new Map(hosts.map((host) => [host.name, host.access]))
    const sample = migrationSample(cells).map(({ there }) => there)
    for (const predicted of ['taken', 'refused']) {
      const cell = sample.find((one) => one.predicted === predicted)
      assert.ok(cell, predicted)
      const migrated = await migrateCell(cell, access)
      assert.ok(isAsPredicted(migrated), inspect(migrated, { depth: 3 }))
    }
  })
})
