import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { gzipSync } from 'node:zlib'
import { decodeText } from './decode-text.ts'

const TEXT = '{"a": "ü"}\r\n'
const utf16 = Buffer.from(TEXT, 'utf16le')

const decoded = (bytes: Uint8Array): string => decodeText(bytes, 'x.json')

describe('decodeText', () => {
  const sameText: Readonly<Record<string, Uint8Array>> = {
    'UTF-8': Buffer.from(TEXT),
    'UTF-8 with a byte order mark': Buffer.from(`\ufeff${TEXT}`),
    'UTF-16, little endian': Buffer.from(`\ufeff${TEXT}`, 'utf16le'),
    'UTF-16, big endian': Buffer.from(`\ufeff${TEXT}`, 'utf16le').swap16(),
    'UTF-16 without a byte order mark': utf16,
    'UTF-16, big endian, without a byte order mark': Buffer.from(utf16).swap16(),
  }
  for (const [name, bytes] of Object.entries(sameText)) {
    it(`reads ${name}`, () => {
      assert.equal(decoded(bytes), TEXT)
    })
  }

  it('reads an empty file, and one of a single byte', () => {
    assert.deepEqual([decoded(Buffer.from('')), decoded(Buffer.from('1'))], ['', '1'])
  })

  it('says that a file is compressed, or no text', () => {
    assert.throws(() => decoded(gzipSync(TEXT)), { message: 'x.json is compressed (gzip): unpack it first' })
    const noText = { message: 'x.json is not text: neither UTF-8 nor UTF-16' }
    assert.throws(() => decoded(Buffer.from([0x41, 0xff, 0x42])), noText)
    assert.throws(() => decoded(Buffer.from('ab\0cd')), noText)
  })
})
