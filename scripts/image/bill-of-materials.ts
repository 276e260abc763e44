import * as z from 'zod'
import { LAB_PATHS } from '../../test/harness/lab-paths.ts'
import { nodeVersion } from '../../test/harness/node-runtime.ts'
import { runCommand } from '../../test/harness/process.ts'
import { ARCHITECTURES } from './image-files.ts'
import type { DebianPackage } from './image-sources.ts'
import type { ImageArchitecture } from './oci-archive.ts'

/** What we read and change of the document that `npm sbom` writes; the rest passes as it is. */
const document = z.looseObject({
  metadata: z.looseObject({ component: z.looseObject({ name: z.string(), 'bom-ref': z.string() }) }),
  components: z.array(z.looseObject({ purl: z.string().optional() })),
})

/** A CycloneDX document (https://cyclonedx.org). */
export type BillOfMaterials = z.infer<typeof document>

/**
 * What the image is made of: npm's own list of the packages that the bundle was made from, koffi, Node, and the Debian packages with
 * files in it. Times and random numbers are left out, so that two builds have the same.
 */
export const billOfMaterials = async (
  architecture: ImageArchitecture,
  libraries: readonly DebianPackage[],
): Promise<BillOfMaterials> => {
  const command = ['npm', 'sbom', '--omit=dev', '--package-lock-only', '--sbom-format=cyclonedx']
  const { stdout } = await runCommand(command, { cwd: LAB_PATHS.root })
  const { metadata, components, ...rest } = document.parse(JSON.parse(stdout))
  return {
    ...rest,
    serialNumber: undefined,
    // npm takes the name from the folder.
    metadata: {
      ...metadata,
      timestamp: undefined,
      component: { ...metadata.component, name: 'cpufeatures' },
    },
    components: [
      ...components.filter(({ purl = '' }) => isInImage(purl, architecture)),
      nodeComponent(await nodeVersion()),
      ...libraries.map((library) => debianComponent(library, architecture)),
    ],
  }
}

/** npm lists koffi's native parts for all platforms. */
const isInImage = (purl: string, architecture: ImageArchitecture): boolean =>
  !purl.includes('/koffi-') || purl.includes(`/koffi-linux-${ARCHITECTURES[architecture].npm}@`)

const nodeComponent = (version: string) => ({
  'bom-ref': `node@${version}`,
  type: 'platform',
  name: 'node',
  version,
  purl: `pkg:generic/node@${version}`,
  cpe: `cpe:2.3:a:nodejs:node.js:${version}:*:*:*:*:*:*:*`,
})

const debianComponent = ({ name, version }: DebianPackage, architecture: ImageArchitecture) => ({
  'bom-ref': `deb:${name}@${version}`,
  type: 'library',
  name,
  version,
  purl: `pkg:deb/debian/${encodeURIComponent(name)}@${encodeURIComponent(version)}?arch=${architecture}&distro=trixie`,
})
