import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { readCores } from './host-cores.ts'

const root = mkdtempSync(join(tmpdir(), 'cpufeatures-cores-'))

const sysfs = (name: string, midrs: readonly (string | undefined)[]): string => {
  for (const [cpu, midr] of midrs.entries()) {
    const folder = join(root, name, `cpu${cpu}`, 'regs/identification')
    mkdirSync(midr === undefined ? join(root, name, `cpu${cpu}`) : folder, { recursive: true })
    if (midr !== undefined) writeFileSync(join(folder, 'midr_el1'), `${midr}\n`)
  }
  mkdirSync(join(root, name, 'cpufreq'), { recursive: true })
  return join(root, name)
}

const [A53, A72] = ['0x00000000410fd034', '0x00000000410fd083']

describe('the cores of a host', () => {
  after(() => {
    rmSync(root, { recursive: true })
  })

  it('are of one kind where every MIDR_EL1 is the same', () => {
    assert.deepEqual(readCores(sysfs('one', [A72, A72])), { cores: [{ midr: '0x410fd083', cpus: '0-1' }] })
  })

  it('are of two kinds on a host of large and small cores, each with its CPUs', () => {
    assert.deepEqual(readCores(sysfs('two', [A53, A53, A53, A53, A72, A72])), {
      cores: [
        { midr: '0x410fd034', cpus: '0-3' },
        { midr: '0x410fd083', cpus: '4-5' },
      ],
    })
  })

  it('are those that are online', () => {
    assert.deepEqual(readCores(sysfs('offline', [A53, undefined, A53])), {
      cores: [{ midr: '0x410fd034', cpus: '0,2' }],
    })
  })

  it('are unknown where sysfs tells nothing', () => {
    assert.deepEqual(readCores(join(root, 'nowhere')), {})
  })
})
