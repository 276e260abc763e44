import assert from 'node:assert/strict'
import { mkdir, mkdtemp, readFile, rm, utimes } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import * as z from 'zod'
import { IMAGE_LAYERS, layOut, makeImageLayer } from '../../scripts/image/image-layers.ts'
import { makeLayer } from '../../scripts/image/layer.ts'
import { writeOciArchive } from '../../scripts/image/oci-archive.ts'
import { productImage } from '../../scripts/image/product-image.ts'
import { VERSION } from '../../src/runtime/version.ts'
import { runCommand } from '../harness/process.ts'
import { builtBundle } from '../harness/product-bundle.ts'

const bill = z.object({ components: z.array(z.object({ name: z.string(), version: z.string() })) })

/** Of the machine that runs the tests, so that it can be executed. */
const ARCHITECTURE = process.arch === 'arm64' ? 'arm64' : 'amd64'

describe('the image', () => {
  let folder: string
  let root: string

  before(async () => {
    builtBundle()
    folder = await mkdtemp(join(tmpdir(), 'image-'))
    root = join(folder, 'root')
    for (const layer of IMAGE_LAYERS) await layOut(layer, ARCHITECTURE, root)
  })
  after(() => rm(folder, { recursive: true }))

  /** Runs Node of the image with nothing around it but the image. */
  const runInImage = (args: readonly string[]) => {
    const asRoot = process.getuid?.() === 0 ? [] : ['--map-root-user']
    const script = 'exec chroot "$0" /usr/local/bin/node "$@"'
    return runCommand(['unshare', '--mount', ...asRoot, 'sh', '-c', script, root, ...args])
  }

  it('has everything that the product needs to start, and no more than Node beside it', async () => {
    const { stdout } = await runInImage(['/opt/cpufeatures/cpufeatures.mjs', '--version'])
    assert.equal(stdout, `${VERSION}\n`)
  })

  it('calls native code', async () => {
    const script = `import koffi from '/opt/cpufeatures/node_modules/koffi/index.js'
      const getpid = koffi.load(null).func('int getpid()')
      console.log(getpid() === process.pid)`
    const { stdout } = await runInImage(['--input-type=module', '--eval', script])
    assert.equal(stdout, 'true\n')
  })

  it('has no shell', async () => {
    const { stdout } = await runCommand(['find', root, '-name', '*sh', '-o', '-name', 'busybox'])
    assert.equal(stdout, '')
  })

  it('says what it is made of', async () => {
    const text = await readFile(join(root, 'opt/cpufeatures/sbom.cdx.json'), 'utf8')
    const names = bill.parse(JSON.parse(text)).components.map(({ name }) => name)
    for (const name of ['node', 'koffi', 'pino', 'libc6', 'libstdc++6']) assert.ok(names.includes(name), name)
    assert.ok(!names.includes('eslint'))
  })

  it('is the same image when it is made again, whatever the time and the umask', async () => {
    const digests: string[] = []
    for (const [name, umask] of [
      ['first', 0o022],
      ['second', 0o077],
    ] as const) {
      const before = process.umask(umask)
      const made = join(folder, name)
      await mkdir(made)
      const layers = [
        await makeImageLayer('product', 'arm64', join(made, 'product')),
        // Compression says nothing about the files, and takes a minute for these.
        await makeLayer(root, join(made, 'everything'), { compressed: false }),
      ]
      digests.push(await writeOciArchive(productImage('arm64', layers), join(made, 'image.tar')))
      process.umask(before)
      await utimes(join(root, 'opt/cpufeatures/cpufeatures.mjs'), 1, 1)
    }
    assert.equal(digests[0], digests[1])
  })
})
