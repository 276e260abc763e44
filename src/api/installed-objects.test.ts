import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { installationProblems } from './installed-objects.ts'

const POLICY = 'pod-guard.cpufeatures.dev'

/** What is wrong where all objects are of version 1.2.3, but those of this name have these annotations; null: are missing. */
const problemsWith = (annotations: Record<string, string> | null | undefined): Promise<readonly string[]> =>
  installationProblems((_, name) => {
    const isOther = name === POLICY
    if (isOther && annotations === null) return Promise.resolve(undefined)
    const made = isOther ? annotations : { 'cpufeatures.dev/version': '1.2.3' }
    return Promise.resolve({ metadata: { name, ...(made && { annotations: made }) } })
  }, '1.2.3')

describe('the objects on which controller and node-agents rest', () => {
  it('are in order if all are of their own version', async () => {
    assert.deepEqual(await problemsWith({ 'cpufeatures.dev/version': '1.2.3' }), [])
  })

  it('are each named with the remedy if missing, of another version, or of nobody knows which', async () => {
    assert.deepEqual(await problemsWith(null), [
      `ValidatingAdmissionPolicy ${POLICY} is missing; apply deploy/ of version 1.2.3`,
      `ValidatingAdmissionPolicyBinding ${POLICY} is missing; apply deploy/ of version 1.2.3`,
    ])
    assert.match(
      (await problemsWith({ 'cpufeatures.dev/version': '1.2.2' })).join(),
      / is of version 1\.2\.2; apply/,
    )
    assert.match((await problemsWith(undefined)).join(), / is of version unknown; apply/)
  })
})
