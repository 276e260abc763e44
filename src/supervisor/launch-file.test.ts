import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { isLaunchFile, LaunchFile } from './launch-file.ts'

describe('the file of a launch', () => {
  let folder: string
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'launch-file-'))
  })
  after(() => {
    rmSync(folder, { recursive: true })
  })

  it('is known by its name from all that others put into the folder', () => {
    const file = LaunchFile.create(folder, 42)
    writeFileSync(join(folder, 'disk.qcow2'), '')
    writeFileSync(join(folder, 'launch-42-0123456789abcdef.bak'), '')
    mkdirSync(join(folder, 'launch-42-0123456789abcdef'))
    symlinkSync(file.path, join(folder, 'launch-42-fedcba9876543210'))
    const known = readdirSync(folder).filter((name) => isLaunchFile(folder, name))
    assert.deepEqual(known, [basename(file.path)])
    file.forget()
    assert.ok(!readdirSync(folder).includes(basename(file.path)))
  })

  it('stays for a successor where it is closed, and is gone where nothing is left', () => {
    const file = LaunchFile.create(folder, 43)
    const name = basename(file.path)
    file[Symbol.dispose]()
    assert.ok(readdirSync(folder).includes(name))
    LaunchFile.open(folder, name).forget()
    assert.ok(!readdirSync(folder).includes(name))
  })
})
