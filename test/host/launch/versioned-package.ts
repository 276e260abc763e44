import type { HostAccess } from '../../harness/host-access.ts'

/** A copy of the product in a host, whose supervisors write and read the state of launches in a version of their own. */
export type VersionedPackage = {
  readonly command: readonly string[]
  /** Replaces it by one of another version, as an upgrade or a downgrade does. */
  readonly become: (version: number) => Promise<void>
}

/** Makes a copy in a new folder of the host, of the product's own version. */
export const versionedPackage = async (host: HostAccess, folder: string): Promise<VersionedPackage> => {
  const sh = (script: string) => host.run(['sh', '-c', script])
  await sh(`cp -r /opt/cpufeatures ${folder}`)
  return {
    command: ['node', `${folder}/cpufeatures.mjs`],
    become: async (version) => {
      const files = `${folder}/*.mjs ${folder}/chunks/*.mjs`
      const { stdout } = await sh(
        `sed -i 's/cpufeatures launch state [0-9][0-9]*/cpufeatures launch state ${version}/' ${files}
         grep -l 'cpufeatures launch state ${version}' ${files} | wc -l`,
      )
      if (stdout.trim() !== '1') throw new Error(`the version is in ${stdout.trim()} files`)
    },
  }
}
