import assert from 'node:assert/strict'
import {
  lstatSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { wholeFile, writeWhole } from './whole-file.ts'

describe('a file that is written whole', () => {
  let folder: string
  before(() => {
    folder = realpathSync(mkdtempSync(join(tmpdir(), 'whole-file-')))
  })
  after(() => {
    rmSync(folder, { recursive: true })
  })

  const found = (path: string) => {
    const file = wholeFile(path)
    return file.kind === 'file' ? file.path : assert.fail(file.message)
  }

  it('is no device, no folder, and in a folder that is there', () => {
    for (const [path, why] of [
      ['/dev/null', /^not a regular file/],
      [folder, /^not a regular file/],
      [join(folder, 'none', 'record.json'), /^ENOENT; give a file in an existing folder/],
    ] as const) {
      const file = wholeFile(path)
      assert.ok(file.kind === 'failed', path)
      assert.match(file.message, why)
    }
    assert.ok(lstatSync('/dev/null').isCharacterDevice())
  })

  it('takes the place of an older one, behind a link too', () => {
    const [target, link] = [join(folder, 'record.json'), join(folder, 'link')]
    writeWhole(found(target), 'first')
    symlinkSync(target, link)
    writeWhole(found(link), 'second')
    assert.equal(readFileSync(target, 'utf8'), 'second')
    assert.ok(lstatSync(link).isSymbolicLink())
    assert.deepEqual(readdirSync(folder).sort(), ['link', 'record.json'])
  })

  it('goes through no link that stands where it is made', () => {
    const [path, others] = [join(folder, 'mine'), join(folder, 'others')]
    writeFileSync(others, 'theirs')
    symlinkSync(others, `${path}.new`)
    writeWhole(path, 'mine')
    assert.equal(readFileSync(others, 'utf8'), 'theirs')
    assert.equal(readFileSync(path, 'utf8'), 'mine')
  })
})
