import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { hostDocument } from '../../../api/host-document.ts'
import type { HostDocument } from '../../../api/host-document.ts'
import { limitViewOf } from '../../../prediction/prediction-host.ts'
import { cpuList } from '../../../discovery/core-kinds.ts'
import { hostOfForeign } from './host-of-foreign.ts'
import { readForeign } from './read-foreign.ts'

const fixture = (name: string): string =>
  readFileSync(new URL(`../../../../test/fixtures/${name}`, import.meta.url), 'utf8')

const imported = (text: string): HostDocument => {
  const foreign = readForeign(text, 'input')
  assert.ok(foreign.kind === 'host')
  return hostDocument.parse(hostOfForeign(foreign))
}

const ofFixture = (name: string): HostDocument => imported(fixture(`foreign/${name}`))

const refused = (text: string, message: RegExp): void => {
  assert.throws(() => readForeign(text, 'input'), { name: 'InputError', message })
}

/** MIDR_EL1 and ID_AA64PFR0_EL1 of the document, for every form in which people have them. */
const FORMS: Readonly<Record<string, readonly [midr: string, pfr0: string | undefined]>> = {
  'cpuinfo-cortex-a72.txt': ['0x410fd083', undefined],
  'cpuinfo-linux-3.txt': ['0x410fd034', undefined],
  'cpuinfo-32-bit.txt': ['0x410fd083', undefined],
  'lscpu-old.json': ['0x413fd0c1', undefined],
  'lscpu.txt': ['0x413fd0c1', undefined],
  'sysfs-midr_el1.txt': ['0x410fd034', undefined],
  'sysfs-grep.txt': ['0x410fd034', undefined],
  'debugfs-idregs.txt': ['0x410fd0c1', '0x1100000011111112'],
  'gdb-info-registers.txt': ['0x410fd0c1', '0x1100000011111112'],
  'kvm-ids.json': ['0x410fd0c1', '0x1100000011111112'],
  'registers.json': ['0x410fd0c1', '0x1100000011111112'],
  'decimal.txt': ['0x410fd0c1', '0x1100000011111112'],
  'qemu-source.txt': ['0x410fd083', '0x2222'],
  'registers.csv': ['0x410fd0c1', undefined],
}

const FULL = JSON.parse(fixture('firecracker/neoverse-v1-6.18.json')) as {
  guest_cpu_config: { reg_modifiers: { addr: string; bitmap: string }[] }
}

type Changes = { readonly bitmap?: string; readonly config?: object }

const dumpWith = ({ bitmap, config = {} }: Changes): string => {
  const { reg_modifiers } = FULL.guest_cpu_config
  const changed = reg_modifiers.map((one) =>
    one.addr === '0x603000000013c020' && bitmap !== undefined ? { ...one, bitmap } : one,
  )
  return JSON.stringify({
    ...FULL,
    guest_cpu_config: { ...FULL.guest_cpu_config, reg_modifiers: changed, ...config },
  })
}

describe('what other programs tell of a host', () => {
  for (const [file, [midr, pfr0]] of Object.entries(FORMS)) {
    it(`is read from ${file}`, () => {
      const { cpu, guestView } = ofFixture(file)
      assert.deepEqual([cpu.midr, guestView['ID_AA64PFR0_EL1']], [midr, pfr0])
    })
    it(`is read from ${file} with the line ends of Windows`, () => {
      const text = fixture(`foreign/${file}`)
      assert.deepEqual(imported(text.replaceAll('\n', '\r\n')), imported(text))
    })
  }

  it('is HWCAPs where it is of user space, and none of a 32-bit kernel', () => {
    assert.ok(ofFixture('cpuinfo-cortex-a72.txt').imported?.hwcaps?.includes('crc32'))
    assert.deepEqual(ofFixture('lscpu.txt').imported?.hwcaps, ['fp', 'asimd', 'aes', 'sve'])
    assert.equal(ofFixture('cpuinfo-32-bit.txt').imported?.hwcaps, undefined)
  })

  it('is read from lscpu also where lines were cut away', () => {
    const text = 'Architecture: aarch64\nVendor ID: ARM\nModel name: Neoverse-V2\nStepping: r0p1\n'
    assert.equal(imported(text).cpu.midr, '0x410fd4f1')
    assert.equal(imported(text.replace('Vendor ID: ARM\n', '')).cpu.midr, '0x410fd4f1')
  })

  it('says which kinds of cores there are, and of which CPUs', () => {
    const a53AndA72 = [
      { midr: '0x410fd034', cpus: '0-3' },
      { midr: '0x410fd082', cpus: '4-5' },
    ]
    assert.deepEqual(ofFixture('cpuinfo-two-kinds.txt').cores, a53AndA72)
    assert.deepEqual(ofFixture('sysfs-two-kinds.txt').cores, [
      a53AndA72[0],
      { midr: '0x410fd083', cpus: '4-5' },
    ])
    assert.deepEqual(ofFixture('lscpu-new.json').cores, [{ midr: '0x410fd034' }, { midr: '0x410fd082' }])
    assert.deepEqual(ofFixture('dmesg-two-kinds.txt').cores, [
      { midr: '0x410fd083', cpus: '0-1' },
      { midr: '0x410fd034', cpus: '2' },
    ])
    assert.equal(cpuList([8, 0, 1, 3, 2]), '0-3,8')
  })

  it('is believed of vCPU features: the plain view is without what came with them', () => {
    const host = imported(
      dumpWith({
        bitmap: `0b${0x1101000121111112n.toString(2)}`,
        config: { kvm_capabilities: ['170'], vcpu_features: [{ index: 0, bitmap: '0b1xxxx' }] },
      }),
    )
    assert.deepEqual(host.vcpuFeatures, ['sve'])
    assert.equal(host.capabilities['KVM_CAP_ARM_SVE'], 1)
    assert.equal(limitViewOf(host)?.get('ID_AA64PFR0_EL1'), 0x1101000021111112n)
    const withSve = limitViewOf(host, { vcpuFeatures: ['sve'], implementationId: false })
    assert.equal(withSve?.get('ID_AA64PFR0_EL1'), 0x1101000121111112n)
  })

  it('is believed of pointer authentication by its two capabilities', () => {
    const host = imported(dumpWith({ config: { kvm_capabilities: ['171', '172'] } }))
    assert.deepEqual(host.vcpuFeatures, ['pointerAuthentication'])
  })

  it('says nothing of capabilities that nobody asked for', () => {
    assert.deepEqual(imported(dumpWith({})).capabilities, {})
  })
})

describe('what is malformed', () => {
  it('is a register that is there twice, in whatever spellings', () => {
    const { reg_modifiers } = FULL.guest_cpu_config
    refused(
      dumpWith({ config: { reg_modifiers: [...reg_modifiers, ...reg_modifiers.slice(-1)] } }),
      /is in it twice \(reg_modifiers\[253\], reg_modifiers\[254\]\)/,
    )
    refused('MIDR_EL1 = 0x410fd0c1\nmidr = 0x410fd0c2\n', /MIDR_EL1 is in it twice \(line 1, line 2\)/)
    refused('{"MIDR_EL1": "0x1", "MIDR_EL1": "0x2"}', /has the same key twice/)
    refused('{"MIDR_EL1": "0x1", "0x603000000013c000": "0x2"}', /MIDR_EL1 is in it twice/)
  })

  it('is a value of more bits than its register has', () => {
    refused(
      dumpWith({ bitmap: `0b1${'0'.repeat(64)}` }),
      /the bitmap of ID_AA64PFR0_EL1 is of more than 64 bits/,
    )
    refused('MIDR_EL1 = 0x10000000000000000\n', /line 1: MIDR_EL1 is of more than 64 bits/)
  })

  it('is what breaks off', () => {
    const cpuinfo = fixture('foreign/cpuinfo-cortex-a72.txt')
    refused(cpuinfo.slice(0, cpuinfo.indexOf('CPU part')), /has no line "CPU part": is it cut off\?/)
    refused(dumpWith({}).slice(0, 5000), /breaks off at line 1/)
  })

  it('is of another machine, and said to be so', () => {
    refused(fixture('foreign/cpuinfo-x86.txt'), /of an x86 machine/)
    refused(fixture('foreign/lscpu-x86.json'), /lscpu on x86_64/)
    refused('{"cpuid_modifiers": [], "msr_modifiers": []}', /of an x86 host/)
    refused('{"kernel_version": "6.1", "guest_cpu_config": {"cpuid_modifiers": []}}', /of an x86 host/)
  })
})

describe('a list of registers', () => {
  const notes = (text: string): readonly string[] => {
    const found = readForeign(text, 'input')
    return found.kind === 'host' ? found.notes : assert.fail(found.kind)
  }

  it('says which ID registers it names and cannot be read', () => {
    const [unknown, empty] = notes('MIDR_EL1 = 0x410fd0c1\nID_AA64IASR1_EL1 = 0x1\nID_AA64ISAR0_EL1 =\n')
    assert.match(unknown ?? '', /^ID_AA64IASR1_EL1 \(line 2\) is not a known register.*ID_AA64ISAR1_EL1/)
    assert.match(empty ?? '', /^ID_AA64ISAR0_EL1 \(line 3\) has no value/)
    assert.match(
      notes('{"MIDR_EL1": "0x410fd0c1",\n "ID_AA64IASR1_EL1": "0x1"}').join(),
      /ID_AA64IASR1_EL1 \(line 2\)/,
    )
  })

  it('says of JSON, too, which registers have no value that can be read', () => {
    for (const named of ['"ID_AA64ISAR0_EL1": null', '"more": ["ID_AA64ISAR0_EL1"]'])
      assert.deepEqual(notes(`{"MIDR_EL1":\n "0x410fd0c1",\n ${named}}`), [
        'ID_AA64ISAR0_EL1 (line 3) has no value, and is left out',
      ])
  })

  it('may name registers that no host document has', () => {
    assert.deepEqual(notes('MIDR_EL1 = 0x410fd0c1\nSCTLR_EL1 = 0x30d00800\n# ID_AA64IASR1_EL1\n'), [])
  })
})

describe('a CPU template', () => {
  it('is told from a dump by the bits that it leaves open, or by what it lacks', () => {
    assert.equal(readForeign(fixture('foreign/template.json'), 'input').kind, 'template')
    const { reg_modifiers } = FULL.guest_cpu_config
    const some = reg_modifiers.filter(({ addr }) => addr === '0x603000000013c020')
    assert.equal(readForeign(JSON.stringify({ reg_modifiers: some }), 'input').kind, 'template')
    assert.equal(readForeign(dumpWith({}), 'input').kind, 'host')
    const ofHost = JSON.stringify({ ...FULL, guest_cpu_config: { reg_modifiers: some } })
    assert.equal(readForeign(ofHost, 'input').kind, 'host')
  })
})
