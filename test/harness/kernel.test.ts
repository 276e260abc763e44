import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { kernelPackages } from './kernel.ts'

const NAMES = [
  'linux-image-6.18.9+deb13-cloud-arm64',
  'linux-image-6.18.15+deb13-cloud-arm64',
  'linux-image-6.18.15+deb13-cloud-arm64-dbg',
  'linux-image-6.18.15+deb13-cloud-arm64-unsigned',
  'linux-image-6.18.15+deb13-arm64',
  'linux-image-6.12.95+deb12-cloud-arm64-unsigned',
  'linux-image-6.1.100+deb12-cloud-arm64',
  'linux-binary-7.3.4+deb13-cloud-arm64',
  'linux-image-7.3.4+deb13-cloud-arm64',
  'linux-modules-7.3.4+deb13-cloud-arm64',
]

describe('the kernel packages of a series', () => {
  it('are the newest by number, not by letter, and of the cloud flavour', () => {
    assert.deepEqual(kernelPackages('6.18', NAMES), ['linux-image-6.18.15+deb13-cloud-arm64'])
  })
  it('are the unsigned one where there is no other', () => {
    assert.deepEqual(kernelPackages('6.12', NAMES), ['linux-image-6.12.95+deb12-cloud-arm64-unsigned'])
  })
  it('are image and modules where these come apart', () => {
    assert.deepEqual(kernelPackages('7', NAMES), [
      'linux-binary-7.3.4+deb13-cloud-arm64',
      'linux-modules-7.3.4+deb13-cloud-arm64',
    ])
  })
  it('do not match a series that only begins the same', () => {
    assert.throws(() => kernelPackages('6.11', NAMES), /no arm64 cloud kernel 6\.11/)
    assert.deepEqual(kernelPackages('6.1', NAMES), ['linux-image-6.1.100+deb12-cloud-arm64'])
  })
})
