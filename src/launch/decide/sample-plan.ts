import type { Plan } from '../../api/plan.ts'

/** A small plan for tests: what is not named in `changes` asks for nothing. */
export const samplePlan = (changes: Partial<Plan> = {}): Plan => ({
  formatVersion: 1,
  enforcement: 'Strict',
  registers: [],
  firmwareRegisters: [],
  vcpuFeatures: {},
  registerList: { exclude: [] },
  untrapped: {},
  tolerated: [],
  ...changes,
})
