import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { cell, readTsv } from '../../scripts/arm64-tables/read-tsv.ts'
import { FEATURES } from '../../src/arm64/feature-registry.ts'

const unmapped = (why: string): string[] =>
  readTsv('feat_unmapped')
    .filter((row) => cell(row, 'why') === why)
    .map((row) => cell(row, 'feat'))

describe('the tables of features', () => {
  it('have a field or a reason for every FEAT_ name', () => {
    const without = FEATURES.filter(({ places }) => places.length === 0).map(({ name }) => name)
    const reasons = readTsv('feat_unmapped').map((row) => cell(row, 'feat'))
    assert.deepEqual([...without].sort(), [...reasons].sort())
  })

  it('lack the fields of these features alone, which are in no public table yet', () => {
    assert.deepEqual(unmapped('not-published'), [
      'FEAT_CMH',
      'FEAT_FDIT',
      'FEAT_GCIE_LEGACY',
      'FEAT_LORRL',
      'FEAT_MPAMv2',
      'FEAT_MPAMv2_ALT_ID',
      'FEAT_MPAMv2_VID',
      'FEAT_PAuth_EnhCtl',
    ])
  })
})

const folder = join(import.meta.dirname, '../../facts')
const tables = readdirSync(folder).filter((name) => name.endsWith('.tsv'))
const columnsOf = (table: string): string[] =>
  (readFileSync(join(folder, table), 'utf8').split('\n')[0] ?? '').split('\t')

describe('facts/README.md', () => {
  const text = readFileSync(join(folder, 'README.md'), 'utf8')
  for (const table of tables) {
    it(`explains every column of ${table}`, () => {
      assert.ok(text.includes(`\`${table}\``), 'the table itself')
      assert.deepEqual(
        columnsOf(table).filter((column) => !text.includes(`\`${column}\``)),
        [],
      )
    })
  }
})
