import { after } from 'node:test'
import { installOn, startOneNode, type OneNode } from './start-one-node.ts'

let started: Promise<OneNode> | undefined
let installing: Promise<void> | undefined

after(async () => {
  await (await started)?.stop()
})

/** The one node of this process; resolves when it is Ready. It ends with the tests. */
export const oneNode = (): Promise<OneNode> => (started ??= startOneNode())

/** The same, with the product installed and serving. */
export const oneNodeWithProduct = async (): Promise<OneNode> => {
  const cluster = await oneNode()
  installing ??= installOn(cluster)
  await installing
  return cluster
}
