import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { samplePlan } from '../../../test/fixtures/sample-plan.ts'
import { revisionName } from '../../plan/revision-name.ts'
import { readDocuments } from './read-documents.ts'
import { revisionNotes } from './revision-notes.ts'

describe('the documents in a file', () => {
  const folder = mkdtempSync(join(tmpdir(), 'read-documents-'))
  const file = join(folder, 'input.yaml')
  after(() => {
    rmSync(folder, { recursive: true })
  })

  it('are ours, whatever other objects of Kubernetes are beside them', () => {
    assert.deepEqual(
      readDocuments(['deploy/examples/profile-impossible.yaml']).map(({ kind }) => kind),
      ['profile'],
    )
    writeFileSync(file, 'apiVersion: v1\nkind: Pod\n---\napiVersion: v1\nkind: Node\n')
    assert.throws(() => readDocuments([file]), /Pod of v1 is not a kind that cpufeatures reads/)
  })

  it('are none in an empty list, which is not an empty file', () => {
    writeFileSync(file, '[]')
    assert.throws(() => readDocuments([file]), /has no document in it$/)
    writeFileSync(file, '\n')
    assert.throws(() => readDocuments([file]), /is empty$/)
  })
})

describe('a revision', () => {
  it('is said to be changed if its name has the hash of another plan', () => {
    const plan = samplePlan({})
    assert.deepEqual(revisionNotes(revisionName('fleet', plan), plan), [])
    assert.deepEqual(revisionNotes('fleet', plan), [])
    assert.match(
      revisionNotes('fleet-0123456789', plan).join(),
      /was changed: the hash of its plan is [0-9a-f]{10}, not/,
    )
  })
})
