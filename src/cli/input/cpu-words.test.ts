import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { cpuWords } from './cpu-words.ts'

const said = (text: string): string | undefined => {
  const found = cpuWords(text)
  return (
    found &&
    [
      found.model ?? '-',
      ...found.words.map(({ on, features }) => `${on ? '+' : '-'}${features.map(({ name }) => name).join()}`),
    ].join(' ')
  )
}

const DESCRIPTIONS: Readonly<Record<string, string | undefined>> = {
  'host,sve=off,pmu=on': 'host -FEAT_SVE +FEAT_PMUv3',
  '-cpu host,sve=off': 'host -FEAT_SVE',
  'max,sve256=on,sve-max-vq=4': 'max + +',
  '-march=armv8.2-a+crc+nolse': 'armv8.2-a +FEAT_CRC32 -FEAT_LSE',
  'neoverse-n1+nocrypto': 'neoverse-n1 -FEAT_AES,FEAT_PMULL,FEAT_SHA1,FEAT_SHA256',
  '-mattr=+neon,-sve': '- +FEAT_AdvSIMD -FEAT_SVE',
  'target-feature=+fp16,-sve2': '- +FEAT_FP16 -FEAT_SVE2',
  'sve=off': '- -FEAT_SVE',
  nosve: '- -FEAT_SVE',
  '-cpu cortex-a72': 'cortex-a72',
  // Not descriptions of a CPU.
  FEAT_SVE: undefined,
  'ID_AA64PFR0_EL1=0x1': undefined,
  'reports/a,b.json': undefined,
  'cortex-a72': undefined,
}

describe('cpuWords', () => {
  for (const [text, expected] of Object.entries(DESCRIPTIONS)) {
    it(`takes ${text} for ${expected ?? 'nothing'}`, () => {
      assert.equal(said(text), expected)
    })
  }

  it('names the word that nobody knows, with the nearest', () => {
    assert.throws(() => cpuWords('cortex-a72+crcc'), {
      message: /^cortex-a72\+crcc: \+crcc names no known feature; the nearest names are crc /,
    })
  })
})
