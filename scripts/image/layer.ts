import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { rm, stat } from 'node:fs/promises'
import { runCommand } from '../../test/harness/process.ts'
import { requireTools } from '../../test/harness/tools.ts'

/** A layer of an image, as a file. */
export type ImageLayer = {
  file: string
  mediaType: string
  /** Of the file: `sha256:` and hex. */
  digest: string
  /** Of the archive in it, without compression. */
  diffId: string
  bytes: number
}

/** Bytes that depend on nothing but the paths, contents and execute bits of the files: no times, owners, umask or order of a folder. */
const REPRODUCIBLE = [
  ...['--format=gnu', '--sort=name', '--mtime=@0', '--owner=0', '--group=0', '--numeric-owner'],
  '--mode=u=rwX,go=rX',
]

/** Writes an archive of a folder; the same files make the same bytes. */
export const writeTar = async (folder: string, file: string): Promise<void> => {
  requireTools('tar')
  await runCommand(['tar', ...REPRODUCIBLE, '-cf', file, '-C', folder, '.'], {
    env: { ...process.env, LC_ALL: 'C' },
  })
}

/** Makes a layer of a folder, as `file`. Compressed is what registries have; without compression, a node takes it faster. */
export const makeLayer = async (
  folder: string,
  file: string,
  { compressed }: { readonly compressed: boolean },
): Promise<ImageLayer> => {
  await writeTar(folder, `${file}.tar`)
  const diffId = await digestOf(`${file}.tar`)
  if (compressed) {
    requireTools('gzip')
    // -n: neither name nor time of the archive.
    await runCommand(['bash', '-c', 'gzip -n < "$1.tar" > "$1"', 'gzip', file])
    await rm(`${file}.tar`)
  } else await runCommand(['mv', `${file}.tar`, file])
  const { size } = await stat(file)
  const mediaType = `application/vnd.oci.image.layer.v1.tar${compressed ? '+gzip' : ''}`
  return { file, mediaType, digest: await digestOf(file), diffId, bytes: size }
}

/** `sha256:` and the hex digest of a file. */
export const digestOf = async (file: string): Promise<string> => {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer)
  return `sha256:${hash.digest('hex')}`
}
