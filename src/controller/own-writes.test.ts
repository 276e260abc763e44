import assert from 'node:assert/strict'
import { beforeEach, describe, it } from 'node:test'
import { WatchedObjects } from '../../test/doubles/watched-objects.ts'
import type { KubeObject } from '../kube/kube-object.ts'
import { OwnWrites } from './own-writes.ts'

const A = { name: 'a' }
const at = (resourceVersion: string, uid = '1'): KubeObject => ({ metadata: { ...A, uid, resourceVersion } })

describe('own writes', () => {
  let watched = new WatchedObjects<KubeObject>()
  let writes = new OwnWrites(watched)
  beforeEach(() => {
    watched = new WatchedObjects()
    writes = new OwnWrites(watched)
    watched.show(at('8'))
  })

  it('make the object before them a thing of the past', () => {
    writes.wrote(at('9'))
    assert.ok(writes.isBehind(A))
    assert.ok(!writes.isBehind({ name: 'b' }))
    assert.equal(writes.written(A)?.resourceVersion, '9')
  })

  it('are waited for though somebody else wrote in between, also where the number gains a digit', () => {
    writes.wrote(at('12'))
    for (const version of ['9', '10', '11']) {
      watched.show(at(version))
      assert.ok(writes.isBehind(A), version)
    }
    watched.show(at('12'))
    assert.ok(!writes.isBehind(A))
  })

  it('are forgotten once a newer object is shown, whoever wrote it', () => {
    writes.wrote(at('9'))
    watched.show(at('11'))
    assert.ok(!writes.isBehind(A))
  })

  it('that changed nothing, or were shown before the answer came, are not waited for', () => {
    writes.wrote(at('8'))
    assert.ok(!writes.isBehind(A))
    watched.show(at('10'))
    writes.wrote(at('9'))
    assert.ok(!writes.isBehind(A))
  })

  it('of an object that went are forgotten, also if the answer came after its end', () => {
    writes.wrote(at('9'))
    watched.remove(at('10'))
    assert.equal(writes.size, 0)
    writes.wrote(at('9'))
    assert.equal(writes.size, 0)
  })

  it('do not hold up another object of the same name', () => {
    writes.wrote(at('9'))
    watched.show(at('11', '2'))
    assert.ok(!writes.isBehind(A))
  })
})
