import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { hostOfForeign } from '../../src/cli/input/foreign/host-of-foreign.ts'
import { importNotes } from '../../src/cli/input/foreign/import-notes.ts'
import { readForeign } from '../../src/cli/input/foreign/read-foreign.ts'
import { profileOfTemplate } from '../../src/cli/input/foreign/template-profile.ts'
import { assertGolden } from './golden-file.ts'

const folders = ['foreign', 'firecracker'].map((name) => new URL(`../fixtures/${name}/`, import.meta.url))

const files = folders.flatMap((folder) =>
  readdirSync(folder)
    .filter((name) => name !== 'README.md' && !name.includes('x86'))
    .sort()
    .map((name) => ({ name, text: readFileSync(new URL(name, folder), 'utf8') })),
)

describe('what is said of an imported host', () => {
  it('is what its source cannot tell', () => {
    const entries = files.map(({ name, text }) => {
      const foreign = readForeign(text, name)
      const notes =
        foreign.kind === 'host'
          ? importNotes(foreign, hostOfForeign(foreign))
          : profileOfTemplate(foreign, 'fleet').notes
      return { title: name, text: notes.map((note) => `note: ${note}\n`).join('') }
    })
    assertGolden('imports.txt', entries)
    assert.ok(entries.length > 20)
  })
})
