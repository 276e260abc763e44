import { runCommand } from './process.ts'
import { requireTools } from './tools.ts'

/** Packs a folder as a compressed initrd. */
export const makeInitrd = async (folder: string, image: string): Promise<void> => {
  requireTools('cpio', 'gzip')
  const pack = 'cd "$1" && find . | cpio --quiet -o -H newc -R 0:0 | gzip -1 > "$2"'
  await runCommand(['bash', '-o', 'pipefail', '-c', pack, 'pack', folder, image])
}
