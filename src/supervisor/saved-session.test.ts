import assert from 'node:assert/strict'
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { samplePlan } from '../../test/fixtures/sample-plan.ts'
import type { LaunchState } from '../launch/launch-state.ts'
import { launchPolicy } from '../launch/decide/launch-policy.ts'
import { LaunchRecorder } from '../launch/record/launch-recorder.ts'
import { saveFixed, StateWriter } from './saved-state.ts'
import { readLeft, type LeftBehind } from './saved-session.ts'

const policy = launchPolicy(samplePlan({}))
assert.ok(policy.kind === 'policy')
const order = { plan: samplePlan({}), quiet: false }
const launch: LaunchState = {
  processes: [],
  registerLists: [],
  recorder: new LaunchRecorder(policy.policy).state(),
}

describe('what an ended supervisor left in a file', () => {
  let folder: string
  let fd: number
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'saved-session-'))
    fd = openSync(join(folder, 'state'), 'w+')
  })
  afterEach(() => {
    closeSync(fd)
    rmSync(folder, { recursive: true })
  })

  const left = (fixed: unknown, saved?: unknown): LeftBehind => {
    saveFixed(fd, fixed)
    if (saved !== undefined) new StateWriter(fd).save(saved)
    return readLeft(fd)
  }
  const whyNot = (one: LeftBehind): string => (one.kind === 'unreadable' ? one.why : one.kind)

  it('is nothing before it took a listener, and nothing to continue before it served a call', () => {
    assert.deepEqual(readLeft(fd), { kind: 'empty' })
    assert.deepEqual(left(order), { kind: 'nothing-served' })
  })

  it('is a session to continue where this version knows all of it', () => {
    const one = left(order, launch)
    assert.ok(one.kind === 'session')
    assert.deepEqual(one.saved.launch, launch)
    assert.deepEqual(one.saved.order, order)
  })

  it('is not read, and nothing of it left out, where another version said more', () => {
    assert.match(whyNot(left({ ...order, frozen: true }, launch)), /frozen/)
    assert.match(whyNot(left(order, { ...launch, marks: [] })), /another version/)
    assert.match(whyNot(left(order, { ...launch, processes: 1 })), /another version/)
  })

  it('is not read where its form is of another version, or is none of ours', () => {
    left(order, launch)
    writeSync(fd, 'cpufeatures launch state 7\n', 0)
    assert.match(whyNot(readLeft(fd)), /version 7/)
    writeSync(fd, 'something of another program\n', 0)
    assert.match(whyNot(readLeft(fd)), /not the state of a launch/)
  })
})
