import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { probeHost } from '../../../src/discovery/probe-host.ts'
import { withScratchVm } from '../../../src/discovery/scratch-vm.ts'
import { PLAIN } from '../../../src/discovery/vcpu-configuration.ts'
import { Kvm } from '../../../src/linux/kvm/kvm.ts'

// Runs in an emulated host: prints what is held before and after probes that end in every way.

/** Open files and mappings of KVM's, by what they are. */
const held = (): string[] => [
  ...readdirSync('/proc/self/fd').map((fd) => (existsSync(`/proc/self/fd/${fd}`) ? fd : 'gone')),
  ...readFileSync('/proc/self/maps', 'utf8')
    .split('\n')
    .filter((line) => line.includes('kvm')),
]

const throwInside = (): string => {
  using kvm = Kvm.open()
  try {
    return withScratchVm(kvm, PLAIN, () => {
      throw new Error('thrown while the VM is open')
    })
  } catch (error) {
    return error instanceof Error ? error.message : 'no error'
  }
}

const ends = () => [
  probeHost({ trials: true }).kind,
  probeHost({ path: '/dev/no-such-device' }).kind,
  // Opens, but answers no ioctl of KVM's.
  probeHost({ path: '/dev/null' }).kind,
  throwInside(),
]

const started = performance.now()
const first = ends()
const milliseconds = performance.now() - started
const before = held()
const second = ends()
console.log(JSON.stringify({ first, second, before, after: held(), milliseconds }))
