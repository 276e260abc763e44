import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { describe, it } from 'node:test'
import { builtBundle } from '../../harness/product-bundle.ts'
import { fixtureHostFile, runVerb } from './run-verb.ts'

const V1 = fixtureHostFile('neoverse-v1-6.18')

const predict = (lines: readonly (object | string)[], ...args: readonly string[]) => {
  const input = lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line))).join('\n')
  const { status, stdout, stderr } = runVerb(['predict', ...args], input)
  const answers = stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>)
  return { status, stderr, answers }
}

describe('cpufeatures predict', () => {
  it('answers each case on a line of its own, in order, with what was asked', () => {
    const lines = [
      { register: 'ID_AA64ISAR0_EL1', value: '0x0', id: 7 },
      { register: 'ID_AA64ISAR0_EL1', value: '0xffffffffffffffff' },
      { register: 'ID_PFR0_EL1', value: '0x0', vcpuFeatures: ['sve', 'pointerAuthentication', 'pmu'] },
    ]
    const { status, answers, stderr } = predict(lines, '--host', V1)
    assert.equal(status, 0, stderr)
    assert.deepEqual(
      answers.map((answer, index) => ({ ...answer, ...lines[index] })),
      answers,
    )
    const [lowered, raised] = answers
    assert.deepEqual([lowered?.['verdict'], lowered?.['stored']], ['accepted', '0x0'])
    assert.deepEqual(
      [raised?.['verdict'], raised?.['errno'], raised?.['stored']],
      ['refused', 'EINVAL', undefined],
    )
    assert.equal(typeof raised?.['field'], 'string')
  })

  it('takes a register by its encoding', () => {
    const { answers } = predict(
      [
        { register: 'S3_0_C0_C6_0', value: '0x0' },
        { register: 'ID_AA64ISAR0_EL1', value: '0x0' },
      ],
      ...['--host', V1],
    )
    assert.equal(answers[0]?.['verdict'], answers[1]?.['verdict'])
    assert.equal(answers[0]?.['register'], 'S3_0_C0_C6_0')
  })

  it('marks what was not tried', () => {
    const { answers } = predict([{ register: 'ID_AA64ISAR0_EL1', value: '0x0' }], '--host', V1)
    assert.equal(answers[0]?.['unproven'], true)
  })

  it('writes MIDR only where the implementation ID was made writable', () => {
    const lines = [false, true].map((implementationId) => ({
      register: 'MIDR_EL1',
      value: '0x410fd0c1',
      implementationId,
    }))
    const { answers } = predict(lines, '--host', V1)
    assert.deepEqual(
      answers.map(({ verdict }) => verdict),
      ['refused', 'accepted'],
    )
  })

  it('says in its line what is wrong with a case, answers the others, and ends with 1', () => {
    const { status, answers, stderr } = predict(
      [
        'no json',
        { register: 'ID_AA64ISAR9_EL1', value: '0x0' },
        { register: 'ID_AA64ISAR0_EL1', value: '12' },
        { register: 'ID_AA64ISAR0_EL1', value: '0x0', vcpuFeatures: ['el2'] },
        { register: 'ID_AA64ISAR0_EL1', value: '0x0' },
      ],
      ...['--host', V1],
    )
    assert.equal(status, 1)
    assert.match(String(answers[0]?.['error']), /^line 1: not a JSON object/)
    assert.match(String(answers[1]?.['error']), /^line 2: register: .*ID_AA64ISAR0_EL1/)
    assert.match(String(answers[2]?.['error']), /^line 3: value: /)
    assert.match(String(answers[3]?.['error']), /^line 4: vcpuFeatures: .*el2/)
    assert.equal(answers[4]?.['verdict'], 'accepted')
    assert.match(stderr, /4 lines have no answer; line 1/)
  })

  it('takes Windows line ends, empty lines, upper case, keys of others, and no more than 64 bits', () => {
    const input = [
      '{"register":"ID_AA64ISAR0_EL1","value":"0x1011111110212120","note":{"of":["others"]}}\r',
      '\r',
      '{"register":"ID_AA64ISAR0_EL1","value":"0X00FF","vcpuFeatures":["pmu","pmu"]}\r',
      '   ',
      '{"register":"ID_AA64ISAR0_EL1","value":"0x10000000000000000"}',
      '[]',
      'null',
    ]
    const { answers } = predict(input, '--host', V1)
    assert.equal(answers.length, 5)
    assert.deepEqual(answers[0]?.['note'], { of: ['others'] })
    assert.deepEqual(
      answers.map(({ verdict }) => verdict),
      ['accepted', 'refused', undefined, undefined, undefined],
    )
    assert.match(String(answers[2]?.['error']), /^line 5: value: must be a 64-bit value/)
    assert.match(String(answers[3]?.['error']), /^line 6: /)
    assert.match(String(answers[4]?.['error']), /^line 7: not a JSON object/)
  })

  it('ends without a word where its reader goes away', async () => {
    const child = spawn(process.execPath, [builtBundle(), 'predict', '--host', V1])
    let told = ''
    child.stderr.on('data', (data: Buffer) => (told += data.toString()))
    child.stdin.on('error', () => undefined)
    child.stdout.once('data', () => child.stdout.destroy())
    const line = '{"register":"ID_AA64ISAR0_EL1","value":"0x0"}\n'
    const feed = setInterval(() => child.stdin.write(line.repeat(1000)), 5)
    const [code] = (await once(child, 'close')) as [number | null]
    clearInterval(feed)
    assert.deepEqual([code, told], [0, ''])
  })

  it('ends with 2 where no host is given', () => {
    const { status, stderr } = predict([])
    assert.equal(status, 2)
    assert.match(stderr, /--host FILE/)
  })
})
