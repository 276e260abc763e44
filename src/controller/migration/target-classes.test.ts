import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Reach } from '../../compatibility/reach.ts'
import { hostClassEntry, SAMPLE_REVISION as REVISION } from '../../../test/fixtures/sample-fleet.ts'
import type { HostClassEntry } from '../host-class-index.ts'
import { targetClasses } from './target-classes.ts'

const entry = (name: string): HostClassEntry => hostClassEntry(name, `node-${name}`)

const FROM = entry('from')
const WAYS: Readonly<Record<string, Reach>> = {
  both: { kind: 'both-ways', findings: [] },
  richer: { kind: 'one-way', direction: 'a-to-b', findings: [] },
  poorer: { kind: 'one-way', direction: 'b-to-a', findings: [] },
  never: { kind: 'never', findings: [] },
  unknown: { kind: 'unknown', findings: [] },
}
const TO = Object.keys(WAYS).map(entry)
const UNFIT = entry('unfit')
const CLASSES = [FROM, UNFIT, ...TO]

const JUDGE = {
  verdict: (_revision: string, _plan: unknown, host: HostClassEntry['host']) =>
    host === UNFIT.host
      ? { kind: 'incompatible' as const, findings: [] }
      : { kind: 'compatible' as const, tolerated: [] },
  reach: (_revision: string, _plan: unknown, a: HostClassEntry['host'], b: HostClassEntry['host']): Reach => {
    assert.equal(a, FROM.host)
    const to = TO.find(({ host }) => host === b) ?? assert.fail('a class that does not fit was judged')
    return WAYS[to.class] ?? assert.fail()
  },
}

const classesOf = (acceptsOneWay: boolean) =>
  targetClasses(JUDGE, REVISION, { classes: CLASSES, from: FROM.host, acceptsOneWay })

describe('where the target of a migration may go', () => {
  it('is not a host class that its VM never reaches, and one without a way back only where the profile says so', () => {
    assert.deepEqual(classesOf(false), { outOfReach: ['richer', 'poorer', 'never'], oneWay: [] })
    assert.deepEqual(classesOf(true), { outOfReach: ['poorer', 'never'], oneWay: ['richer'] })
  })
})
