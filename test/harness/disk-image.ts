import { runCommand } from './process.ts'
import { requireTools } from './tools.ts'

/** Makes an ext4 image of a folder, with `spareMiB` of free space. The file is sparse. */
export const makeDiskImage = async (folder: string, image: string, spareMiB: number): Promise<void> => {
  requireTools('mke2fs')
  const { stdout } = await runCommand(['du', '-sm', folder])
  const size = Math.ceil(Number.parseInt(stdout, 10) * 1.1) + spareMiB
  const options = ['-q', '-F', '-t', 'ext4', '-O', '^has_journal', '-m', '0', '-E', 'root_owner=0:0']
  await runCommand(['mke2fs', ...options, '-d', folder, image, `${size}M`], {
    env: { ...process.env, PATH: `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin` },
  })
}
