import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { productFiles, type SourceFile } from './source-files.ts'

const imports = ({ text }: SourceFile, names: RegExp, from: RegExp): boolean =>
  [...text.matchAll(/^import (?:type )?\{([^}]*)\} from '([^']*)'/gm)].some(
    ([, imported = '', path = '']) => names.test(imported) && from.test(path),
  )

const paths = (files: readonly SourceFile[]): readonly string[] => files.map(({ path }) => path)

describe('a plan', () => {
  // The compilers write plans, and read the views and baselines from which they are made.
  const readers = productFiles().filter(({ path }) => !/^src\/(?:plan|profile)\//.test(path))

  it('is read from its texts by src/plan/read-plan.ts alone', () => {
    const parsers = readers.filter(
      (file) =>
        imports(file, /\b[Pp]lan\b/, /\/api\/plan\.ts$/) &&
        /\bfromHex64\b|\bBigInt\(|\bparseInt\(/.test(file.text),
    )
    assert.deepEqual(paths(parsers), [])
  })

  it('levels registers by one formula', () => {
    const formulas = productFiles().filter((file) =>
      imports(file, /\bunderCeilings\b/, /\/field-ceiling\.ts$/),
    )
    assert.deepEqual(paths(formulas), ['src/plan/level.ts'])
    const masked = productFiles().filter(({ text }) => /\bwithBitsOf\([^\n]*?\.(?:mask|value)\b/.test(text))
    assert.deepEqual(paths(masked), ['src/plan/level.ts'])
  })
})
