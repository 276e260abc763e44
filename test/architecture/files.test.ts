import assert from 'node:assert/strict'
import { basename } from 'node:path'
import { describe, it } from 'node:test'
import { productFiles, sourceFiles } from './source-files.ts'

const everyFile = () => [...sourceFiles('src'), ...sourceFiles('test'), ...sourceFiles('scripts')]

describe('files', () => {
  it('none is longer than 400 lines, generated ones aside', () => {
    const long = everyFile().filter((file) => file.lines > 400 && !file.path.endsWith('.generated.ts'))
    assert.deepEqual(
      long.map((file) => `${file.path}: ${String(file.lines)} lines`),
      [],
    )
  })

  it('every line is under 140 columns, generated files aside', () => {
    const wide = everyFile()
      .filter((file) => !file.path.endsWith('.generated.ts'))
      .flatMap((file) =>
        file.text
          .split('\n')
          .flatMap((line, index) => (line.length < 140 ? [] : [`${file.path}:${String(index + 1)}`])),
      )
    assert.deepEqual(wide, [])
  })

  it('most product files are under 200 lines', () => {
    const files = productFiles()
    const long = files.filter((file) => file.lines > 200)
    assert.ok(
      long.length * 10 <= files.length,
      long.map((file) => `${file.path}: ${String(file.lines)}`).join('\n'),
    )
  })

  it('none is a drawer', () => {
    const drawers = everyFile().filter((file) =>
      /^(utils?|helpers?|common|types|misc|index)\.ts$/.test(basename(file.path)),
    )
    assert.deepEqual(
      drawers.map((file) => file.path),
      [],
    )
  })

  it('names are in kebab-case', () => {
    const wrong = everyFile().filter(
      (file) => !/^[a-z0-9-]+(\.(test|ffi|generated))*\.ts$/.test(basename(file.path)),
    )
    assert.deepEqual(
      wrong.map((file) => file.path),
      [],
    )
  })

  it('no comment cites a section of a design that is not in the repository', () => {
    const wrong = everyFile().filter((file) => /\bdesign, sections? \d/.test(file.text))
    assert.deepEqual(
      wrong.map((file) => file.path),
      [],
    )
  })

  it('there are no default exports', () => {
    const wrong = everyFile().filter((file) => /^export default /m.test(file.text))
    assert.deepEqual(
      wrong.map((file) => file.path),
      [],
    )
  })

  it('no lint suppression is without a rule and a reason', () => {
    const wrong = everyFile().filter((file) =>
      file.text
        .split('\n')
        .some(
          (line) =>
            /^\s*(\/\/|\/\*) ?eslint-disable/.test(line) &&
            !/eslint-disable(-next)?(-line)? [@a-z/-]+.* -- .+/.test(line),
        ),
    )
    assert.deepEqual(
      wrong.map((file) => file.path),
      [],
    )
  })

  it('no test is skipped, and nothing is left to do', () => {
    const wrong = everyFile()
      .filter((file) => file.path !== 'test/architecture/files.test.ts')
      .filter((file) =>
        /\b(it|test|describe)\.(skip|todo|only)\b|\bskip: true\b|\b(TODO|FIXME|XXX)\b/.test(file.text),
      )
    assert.deepEqual(
      wrong.map((file) => file.path),
      [],
    )
  })
})
