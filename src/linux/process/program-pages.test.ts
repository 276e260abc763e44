import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { releaseProgramPages } from './program-pages.ffi.ts'

const residentKib = (kind: 'RssFile' | 'RssAnon'): number =>
  Number(new RegExp(`^${kind}:\\s+(\\d+) kB$`, 'm').exec(readFileSync('/proc/self/status', 'utf8'))?.[1])

describe('releasing the pages of the program', () => {
  it('leaves the process a fraction of them, and all of its own data', () => {
    const before = { files: residentKib('RssFile'), own: residentKib('RssAnon') }
    releaseProgramPages()
    const after = { files: residentKib('RssFile'), own: residentKib('RssAnon') }
    assert.ok(after.files < before.files / 2, `${before.files} KiB of files before, ${after.files} after`)
    assert.ok(after.own >= before.own, `${before.own} KiB of its own before, ${after.own} after`)
  })

  it('brings back what is used again', () => {
    releaseProgramPages()
    assert.equal(new Intl.DateTimeFormat('de', { timeZone: 'UTC', month: 'long' }).format(0), 'Januar')
  })
})
