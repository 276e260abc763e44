import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import { hostDocument, type HostDocument } from '../../../src/api/host-document.ts'
import { ALL_ENCODINGS, FEATURE_ID_REGISTERS, registerByKvmId } from '../../../src/arm64/register.ts'
import { unknownMaskBits } from '../../../src/arm64/mask-coverage.ts'
import { SHIPPED_REGISTER_LIST } from '../../../src/discovery/shipped-register-list.generated.ts'
import { bootHost, type HostRequest } from '../../harness/emulated-host.ts'
import type { HostAccess } from '../../harness/host-access.ts'
import { connectHost } from '../../harness/lab-session.ts'

// Every CPU model and every kernel at least once, each pair of neighbours differing in one thing that matters.
const OWN_HOSTS: readonly HostRequest[] = [
  { name: 'v1-old-kernel', cpuModel: 'neoverse-v1', kernel: '6.12' },
  { name: 'n1-new-kernel', cpuModel: 'neoverse-n1', kernel: '7' },
  { name: 'max-new-kernel', cpuModel: 'max', kernel: '7' },
  { name: 'n2-fast-counter', cpuModel: 'neoverse-n2', kernel: '6.18', cpuOptions: ['cntfrq=1000000000'] },
]

// ID_AA64MMFR2_EL1.NV
const NV = 0xf00_0000n
/** A Neoverse V2. */
const OTHER_PART = '0x410fd4f1'

/** A host's document, as the product prints it there. */
const probe = async (host: HostAccess): Promise<HostDocument> => {
  const { stdout, stderr, exitCode } = await host.run(['cpufeatures', 'probe', '--no-trials'])
  assert.equal(exitCode, 0, stderr)
  assert.equal(stderr, '')
  return hostDocument.parse(JSON.parse(stdout))
}

const probeOwn = async (request: HostRequest): Promise<HostDocument> => {
  const host = await bootHost(request)
  try {
    return await probe(host)
  } finally {
    await host.stop()
  }
}

/** All ids of KVM_GET_REG_LIST of a plain vCPU, put together from the document again. */
const registerList = ({ registerList: { added, removed } = assert.fail() }: HostDocument): bigint[] => [
  ...SHIPPED_REGISTER_LIST.filter((id) => !removed.some((other) => BigInt(other) === id)),
  ...added.map(BigInt),
]

const configuration = (host: HostDocument, ...features: string[]) =>
  host.configurations.find(
    ({ vcpuFeatures, implementationId }) =>
      implementationId !== true && vcpuFeatures.join() === features.join(),
  )

const everyHost = (hosts: ReadonlyMap<string, HostDocument>, check: (host: HostDocument) => void): void => {
  assert.ok(hosts.size > 0)
  for (const [name, host] of hosts) {
    try {
      check(host)
    } catch (cause) {
      throw new Error(`on ${name}`, { cause })
    }
  }
}

describe('the probe on real KVM', () => {
  const hosts = new Map<string, HostDocument>()
  const hostNamed = (name: string): HostDocument => {
    const host = hosts.get(name)
    assert.ok(host, name)
    return host
  }

  before(async () => {
    for (const name of ['neoverse-v1', 'neoverse-n2'] as const)
      hosts.set(name, await probe(await connectHost(name)))
    for (const request of OWN_HOSTS) hosts.set(request.name, await probeOwn(request))
  })

  it('knows every feature ID register that KVM lists, and shows each of them', () => {
    const modelled = new Set(FEATURE_ID_REGISTERS.map(({ name }) => name))
    everyHost(hosts, (host) => {
      const listed = registerList(host)
        .map((id) => registerByKvmId(id)?.name)
        .filter((name) => name !== undefined && name !== 'MPIDR_EL1')
      assert.deepEqual(
        listed.filter((name) => name === undefined || !modelled.has(name)),
        [],
      )
      assert.deepEqual(Object.keys(host.guestView).sort(), listed.sort())
    })
  })

  it('leaves no writable bit without a field, unless it says so', () => {
    const names = new Set(ALL_ENCODINGS.map(({ name }) => name))
    everyHost(hosts, (host) => {
      const masks = host.writableMasks ?? {}
      assert.ok(Object.keys(masks).length > 30)
      for (const [register, mask] of Object.entries(masks)) {
        assert.ok(names.has(register), register)
        const unknown = unknownMaskBits(register, BigInt(mask))
        assert.equal(unknown, BigInt(host.unknownMaskBits?.[register] ?? '0x0'), register)
      }
    })
  })

  it('names the CPU and the kernel', () => {
    assert.match(hostNamed('neoverse-v1').cpu.midr, /^0x41.fd40.$/)
    assert.match(hostNamed('neoverse-n2').cpu.midr, /^0x41.fd49.$/)
    assert.match(hostNamed('n1-new-kernel').cpu.midr, /^0x41.fd0c.$/)
    assert.match(hostNamed('neoverse-v1').kernel.release, /^6\.18\./)
    assert.match(hostNamed('v1-old-kernel').kernel.release, /^6\.12\./)
    assert.match(hostNamed('max-new-kernel').kernel.release, /^7\./)
    const boots = [...hosts.values()].map(({ kernel }) => kernel.bootID)
    assert.equal(new Set(boots).size, hosts.size)
  })

  it('reads the frequency of the counter as a guest does', () => {
    assert.equal(hostNamed('neoverse-v1').counterFrequency, 62_500_000)
    assert.equal(hostNamed('n2-fast-counter').counterFrequency, 1_000_000_000)
    everyHost(hosts, (host) => {
      assert.match(host.dczid ?? 'unread', /^0x[0-9a-f]$/)
    })
  })

  it('tells a host with another counter from its like by nothing else', () => {
    const fast = hostNamed('n2-fast-counter')
    const usual = hostNamed('neoverse-n2')
    assert.notEqual(fast.counterFrequency, usual.counterFrequency)
    const { kernel, counterFrequency } = usual
    assert.deepEqual({ ...fast, kernel, counterFrequency }, usual)
  })

  it('shows what each vCPU feature adds to the guest view', () => {
    const v1 = hostNamed('neoverse-v1')
    assert.deepEqual(v1.vcpuFeatures, ['sve', 'pointerAuthentication', 'pmu'])
    assert.ok('ID_AA64ZFR0_EL1' in (configuration(v1, 'sve')?.differences ?? {}))
    assert.deepEqual(Object.keys(configuration(v1, 'pointerAuthentication')?.differences ?? {}), [
      'ID_AA64ISAR1_EL1',
    ])
    assert.ok('ID_AA64DFR0_EL1' in (configuration(v1, 'pmu')?.differences ?? {}))
    assert.ok(configuration(v1, 'sve', 'pointerAuthentication', 'pmu'))
  })

  it('offers no vCPU feature that the CPU has not', () => {
    const n1 = hostNamed('n1-new-kernel')
    assert.deepEqual(n1.vcpuFeatures, ['pmu'])
    assert.deepEqual(n1.sveVectorLengths, [])
    assert.equal(configuration(n1, 'sve'), undefined)
  })

  it('finds the implementation ID writable where the kernel has the capability, and only there', () => {
    everyHost(hosts, (host) => {
      const offered = host.configurations.some(({ implementationId }) => implementationId === true)
      const old = host.kernel.release.startsWith('6.12.')
      assert.equal(offered, !old)
    })
  })

  it('reads the SVE vector lengths, the IPA size and the PMU of the host', () => {
    assert.deepEqual(hostNamed('neoverse-v1').sveVectorLengths, [128, 256])
    assert.deepEqual(hostNamed('neoverse-n2').sveVectorLengths, [128])
    assert.equal(hostNamed('max-new-kernel').sveVectorLengths?.length, 16)
    assert.equal(hostNamed('neoverse-v1').ipaBits, 48)
    assert.equal(hostNamed('max-new-kernel').ipaBits, 52)
    assert.equal(hostNamed('neoverse-v1').pmu?.counters, 6)
    assert.notEqual(BigInt(hostNamed('neoverse-v1').pmu?.pmceid0 ?? '0'), 0n)
  })

  it('reads the firmware registers, and sees that an older kernel has other registers', () => {
    assert.equal(hostNamed('neoverse-v1').firmwareRegisters['KVM_REG_ARM_PSCI_VERSION'], '0x10003')
    assert.equal(hostNamed('v1-old-kernel').firmwareRegisters['KVM_REG_ARM_PSCI_VERSION'], '0x10001')
    const { added, removed } = hostNamed('v1-old-kernel').registerList ?? assert.fail()
    // TCR2_EL1, PIRE0_EL1 and PIR_EL1 are listed without the features; KVM_REG_ARM_VENDOR_HYP_BMAP_2 is not there yet.
    assert.deepEqual(added, ['0x603000000013c103', '0x603000000013c512', '0x603000000013c513'])
    assert.deepEqual(removed, ['0x6030000000160003'])
  })

  /** The document of a probe with its trials. */
  const tried = async (host: HostAccess): Promise<HostDocument> => {
    const { stdout } = await host.run(['cpufeatures', 'probe'])
    return hostDocument.parse(JSON.parse(stdout))
  }

  it('tries every value, and keeps nothing where the rules know what KVM does', async () => {
    const { trials, deviations } = await tried(await connectHost('neoverse-v1'))
    assert.ok((trials?.writes ?? 0) > 1000)
    assert.deepEqual(deviations, [])
  })

  it('keeps what KVM does where the rules cannot know: what a part that no table names has of NV', async () => {
    const request = {
      name: 'other-part',
      cpuModel: 'neoverse-v1',
      kernel: '6.18',
      cpuOptions: [`midr=${OTHER_PART}`],
    }
    const host = await bootHost(request)
    try {
      const { deviations, configurations, cpu, guestView } = await tried(host)
      assert.equal(BigInt(cpu.midr), BigInt(OTHER_PART))
      // The hardware's own NV is hidden, and taken as "hidden" when it is written back: id_aa64mmfr2's setter, Linux 6.18.
      const limit = BigInt(guestView['ID_AA64MMFR2_EL1'] ?? '0')
      assert.ok(
        deviations.every(
          ({ register, value }) => register === 'ID_AA64MMFR2_EL1' && ((BigInt(value) ^ limit) & ~NV) === 0n,
        ),
      )
      const taken = deviations.filter(({ stored }) => stored !== undefined)
      assert.equal(taken.length, 1 + configurations.length)
      for (const { stored } of taken) assert.equal(BigInt(stored ?? '0'), limit)
    } finally {
      await host.stop()
    }
  })
})
