import { stateOfNumber } from '../decide/vcpu-state.ts'
import { randomNumber, type SeenVcpu } from './call-vcpus.ts'

/** How many of some VMs have run, and how many have not. */
export type CountedVms = { readonly ran: number; readonly idle: number }

/**
 * Counts the VMs of these vCPUs: one of a VM shows what is written through another. Undefined where one shows something else than was
 * planned, and its report says so, or they were not all seen.
 */
export const countVms = (vcpus: readonly SeenVcpu[] | undefined): CountedVms | undefined => {
  if (vcpus?.every(({ number }) => stateOfNumber(number) !== 'unlevelled') !== true) return undefined
  let [rest, ran, idle] = [vcpus, 0, 0]
  for (let [first] = rest; first !== undefined; [first] = rest) {
    const proof = randomNumber()
    first.proof = proof
    const vm = rest.filter((one) => one.proof === proof)
    if (vm.every(({ hasCanary }) => hasCanary)) idle += 1
    else ran += 1
    rest = rest.filter((one) => !vm.includes(one) && one !== first)
  }
  return { ran, idle }
}
