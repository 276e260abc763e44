import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { VCPU_FEATURES } from '../api/vcpu-feature.ts'
import {
  capabilitiesToEnable,
  configurationName,
  initBitsOf,
  SINGLE_FEATURES,
  combinedConfigurations,
} from './vcpu-configuration.ts'

const names = (...args: Parameters<typeof combinedConfigurations>): string[] =>
  combinedConfigurations(...args).map(configurationName)

describe('the vCPU configurations of a host', () => {
  it('are each feature alone, under its own name', () => {
    assert.deepEqual(SINGLE_FEATURES.map(configurationName), [...VCPU_FEATURES])
  })

  it('are the usual three together, and the implementation ID', () => {
    assert.deepEqual(names(VCPU_FEATURES, true), ['sve + pointerAuthentication + pmu', 'implementation ID'])
  })

  it('put together only what the host has', () => {
    assert.deepEqual(names(['sve', 'pmu', 'mte'], false), ['sve + pmu'])
  })

  it('do not say one thing twice', () => {
    assert.deepEqual(names(['pmu'], true), ['implementation ID'])
    assert.deepEqual(names([], false), [])
  })
})

describe('a vCPU configuration', () => {
  it('always asks for PSCI 0.2, and for both kinds of pointer authentication', () => {
    assert.equal(initBitsOf({ vcpuFeatures: [], implementationId: false }), 0b100)
    assert.equal(initBitsOf({ vcpuFeatures: ['pointerAuthentication'], implementationId: false }), 0b110_0100)
    assert.equal(initBitsOf({ vcpuFeatures: ['sve', 'pmu'], implementationId: false }), 0b1_1100)
    assert.equal(initBitsOf({ vcpuFeatures: ['el2', 'el1_32bit'], implementationId: false }), 0b1000_0110)
  })

  it('enables memory tagging and the implementation ID on the VM, not on the vCPU', () => {
    const both = { vcpuFeatures: ['mte', 'sve'], implementationId: true } as const
    assert.deepEqual(capabilitiesToEnable(both), ['KVM_CAP_ARM_MTE', 'KVM_CAP_ARM_WRITABLE_IMP_ID_REGS'])
    assert.equal(initBitsOf({ vcpuFeatures: ['mte'], implementationId: true }), 0b100)
  })
})
