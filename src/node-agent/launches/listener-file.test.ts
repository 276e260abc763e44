import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, beforeEach, describe, it } from 'node:test'
import { samplePlan } from '../../../test/fixtures/sample-plan.ts'
import { lockNow, unlock } from '../../linux/process/flock.ffi.ts'
import { sessionMemory } from '../../supervisor/session-memory.ts'
import { ContainerListener } from './container-listener.ts'
import { readLeftContainer } from './left-container.ts'
import { forgetOtherFiles, makeListenerFile, openListenerFile } from './listener-file.ts'

const root = mkdtempSync(join(tmpdir(), 'listener-file-'))
const CONTAINER = { id: 'c1', name: 'vm', pid: 7, pod: { namespace: 'default', name: 'vm', uid: 'u1' } }

const listener = (id: bigint) => new ContainerListener(CONTAINER, { fd: -1, id })
const order = {
  container: CONTAINER,
  treatment: { kind: 'level' as const, revision: 'fleet-1', plan: samplePlan() },
}

describe('the file of a listener', () => {
  let folder = ''
  let folders = 0
  beforeEach(() => {
    folders += 1
    folder = join(root, String(folders))
    mkdirSync(folder)
  })
  after(() => {
    rmSync(root, { recursive: true })
  })

  const make = (id: bigint): void => {
    makeListenerFile(folder, listener(id), order)[Symbol.dispose]()
  }

  it('says what was ordered to the next agent', () => {
    make(1n)
    const file = openListenerFile(folder, listener(1n))
    assert.ok(file !== undefined)
    const left = readLeftContainer(file.fd)
    assert.ok(left.kind === 'left')
    assert.deepEqual(left.order, order)
    assert.equal(left.launch, undefined)
    file.forget()
  })

  it('is unreadable if another version wrote what this one does not know', () => {
    const treatment = { ...order.treatment, until: 'tomorrow' }
    const file = makeListenerFile(folder, listener(1n), { ...order, treatment })
    const left = readLeftContainer(file.fd)
    assert.ok(left.kind === 'unreadable')
    assert.match(left.why, /treatment\.until/)
    file.forget()
  })

  it('goes once its listener has ended; what is not ours, or cannot be read, stays', () => {
    make(1n)
    make(2n)
    writeFileSync(join(folder, 'notes.txt'), 'of an admin')
    writeFileSync(join(folder, 'launch-9-0000000000000009'), 'cpufeatures launch state 99\n')
    const stayed = forgetOtherFiles(folder, [listener(2n)])
    assert.deepEqual([...stayed.unreadable].sort(), ['launch-9-0000000000000009', 'notes.txt'])
    assert.deepEqual(readdirSync(folder).sort(), [
      'launch-7-0000000000000002',
      'launch-9-0000000000000009',
      'notes.txt',
    ])
  })

  it('stays where another agent has locked it: its holder may have lost its entry for a moment', () => {
    const file = makeListenerFile(folder, listener(8n), order)
    assert.equal(lockNow(file.fd), 0)
    assert.deepEqual(forgetOtherFiles(folder, []), { unreadable: [], lost: [] })
    assert.equal(readdirSync(folder).length, 1)
    unlock(file.fd)
    forgetOtherFiles(folder, [])
    assert.deepEqual(readdirSync(folder), [])
    file[Symbol.dispose]()
  })

  it('tells of a process that died with its agent, whose listener has ended too', () => {
    const file = makeListenerFile(folder, listener(8n), order)
    const noSuchProcess = 2 ** 22 + 1
    sessionMemory(file.fd, () => undefined).hold(noSuchProcess, noSuchProcess)
    file[Symbol.dispose]()
    const [lost] = forgetOtherFiles(folder, []).lost
    assert.deepEqual(lost?.container, CONTAINER)
    assert.ok(lost.news.kind === 'launch' && lost.news.revision === 'fleet-1')
    assert.equal(lost.news.record.outcome, 'lost-supervisor')
    assert.deepEqual(readdirSync(folder), [])
  })
})
