import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { KubeClient, ListOptions } from '../kube/kube-client.ts'
import { pinsAtServer } from './pins-at-server.ts'
import type { Pod } from './pod.ts'

const pod = (revision: string): Pod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'vm', annotations: { 'cpufeatures.dev/revision': revision } },
  spec: {},
})

/** A server whose list has these pages; and what it was asked. */
const server = (pages: readonly (readonly string[])[]) => {
  const asked: ListOptions[] = []
  const list = (_resource: unknown, options: ListOptions) => {
    asked.push(options)
    const at = Number(options.continue ?? 0)
    const more = at + 1 < pages.length ? { continue: String(at + 1) } : {}
    return Promise.resolve({ items: (pages[at] ?? []).map(pod), resourceVersion: '1', ...more })
  }
  return { client: { list } as unknown as Pick<KubeClient, 'list'>, asked }
}

describe('the pins at the API server', () => {
  it('are read page by page, of unfinished pods of the profile', async () => {
    const { client, asked } = server([['a-1', 'a-2'], ['a-1'], ['a-3']])
    const seen: string[] = []
    for await (const revisions of pinsAtServer(client, { profile: 'a' })) seen.push(...revisions)
    assert.deepEqual(seen, ['a-1', 'a-2', 'a-1', 'a-3'])
    const query = {
      limit: 500,
      labelSelector: 'cpufeatures.dev/profile=a',
      fieldSelector: 'status.phase!=Succeeded,status.phase!=Failed',
    }
    assert.deepEqual(asked, [query, { ...query, continue: '1' }, { ...query, continue: '2' }])
  })

  it('are read no further than to the one that was looked for', async () => {
    const { client, asked } = server([['a-1'], ['a-2'], ['a-3'], ['a-4']])
    for await (const revisions of pinsAtServer(client, { profile: 'a' })) if (revisions.includes('a-2')) break
    assert.equal(asked.length, 2)
  })

  it('of a node are those of the pods bound to it', async () => {
    const { client, asked } = server([['a-1']])
    await pinsAtServer(client, { node: 'n1' }).next()
    assert.equal(asked[0]?.fieldSelector, 'spec.nodeName=n1,status.phase!=Succeeded,status.phase!=Failed')
    assert.equal(asked[0].labelSelector, 'cpufeatures.dev/profile')
  })
})
