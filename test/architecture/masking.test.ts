import assert from 'node:assert/strict'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { ESLint } from 'eslint'
import { ROOT } from './source-files.ts'

const RULE = 'registers/no-masking'

const eslint = new ESLint({ cwd: ROOT, ruleFilter: ({ ruleId }) => ruleId === RULE })

/** The operators that lint forbids in this text, if the file held it. */
const forbidden = async (path: string, text: string): Promise<readonly string[]> => {
  const results = await eslint.lintText(text, { filePath: join(ROOT, path) })
  return results.flatMap(({ messages }) =>
    messages.map(({ message }) => /'(.+?)'/.exec(message)?.[1] ?? message),
  )
}

const MASKING = `
export const levelled = (shown: bigint, mask: bigint, value: bigint | undefined): bigint => {
  let result = (shown & ~mask) | ((value ?? 0n) & mask)
  result ^= 1n << 4n
  return result >> 4n
}
`

describe('bit operations on 64-bit values', () => {
  it('are forbidden where registers are judged, read or reported', async () => {
    for (const path of [
      'src/compatibility/verdict.ts',
      'src/launch/script/level-vcpu.ts',
      'src/cli/commands/check.ts',
    ])
      assert.deepEqual(await forbidden(path, MASKING), ['|', '&', '~', '&', '^=', '<<', '>>'], path)
  })

  it('are forbidden on a value that may be no 64-bit value', async () => {
    assert.deepEqual(
      await forbidden(
        'src/compatibility/verdict.ts',
        'export const low = (value: number | bigint): unknown => typeof value === "bigint" && value & 1n\n',
      ),
      ['&'],
    )
  })

  it('are at home where the operations on registers are', async () => {
    for (const path of ['src/arm64/bits.ts', 'src/plan/level.ts', 'src/linux/abi/kvm.ts'])
      assert.deepEqual(await forbidden(path, MASKING), [], path)
  })

  it('may work on plain numbers', async () => {
    assert.deepEqual(
      await forbidden(
        'src/compatibility/verdict.ts',
        'export const low = (value: number): number => value & 1\n',
      ),
      [],
    )
  })
})
