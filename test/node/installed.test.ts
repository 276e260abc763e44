import { describe } from 'node:test'
import { levelsPods } from './levels-pods.ts'
import { oneNodeWithProduct } from './one-node.ts'

describe('the product, installed on a node with kubectl apply -k', () => {
  levelsPods(async () => (await oneNodeWithProduct()).plane)
})
