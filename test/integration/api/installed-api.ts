import { join } from 'node:path'
import { after } from 'node:test'
import { startControlPlane, type ControlPlane } from '../../harness/control-plane.ts'
import { LAB_PATHS } from '../../harness/lab-paths.ts'
import { installCrds } from '../../harness/install-crds.ts'
import { eventually } from '../../harness/eventually.ts'

export const NAMESPACE = 'cpufeatures-system'

/** A real API server with the product's CRDs, roles and policies, and nothing that acts on them. */
export type InstalledApi = {
  controlPlane: ControlPlane
  /** Applies one object as admin, or as the user of `kubeconfig`. */
  apply: (object: object, kubeconfig?: string) => Promise<string>
  /** The message with which the API server refuses the object; fails if it does not refuse it. */
  refusal: (object: object, kubeconfig?: string) => Promise<string>
}

/** All of deploy/ except workloads, which nothing here would run. */
export const RULES = join(LAB_PATHS.root, 'deploy/rules')

/** A container that can make VMs. */
export const VMM = {
  name: 'vmm',
  image: 'qemu-vm',
  resources: { limits: { 'devices.kubevirt.io/kvm': '1' } },
}

export const pod = (name: string, rest: { metadata?: object; spec?: object } = {}): object => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'default', ...rest.metadata },
  spec: { containers: [{ name: 'vmm', image: 'qemu-vm' }], ...rest.spec },
})

/** A pod that can make VMs and names `profile`. */
export const vmPod = (name: string, profile = 'fleet', spec: object = {}): object =>
  pod(name, {
    metadata: { labels: { 'cpufeatures.dev/profile': profile } },
    spec: { containers: [VMM], ...spec },
  })

/** The message of an error, whatever was thrown. */
const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

/** Runs `action` and resolves with the reason of its failure; throws if it did not fail. */
export const failureOf = async (action: Promise<string>): Promise<string> => {
  const outcome = await action.then(
    (output) => ({ output }),
    (error: unknown) => ({ failure: messageOf(error) }),
  )
  if ('output' in outcome) throw new Error(`nobody refused it: ${outcome.output}`)
  return outcome.failure
}

/** Policies take effect some seconds after they were made; dry runs show when. */
export const policiesAtWork = async ({ kubectl }: ControlPlane): Promise<void> => {
  const dryRun = (object: object): Promise<string> =>
    kubectl(['create', '--dry-run=server', '-o', 'yaml', '-f', '-'], JSON.stringify(object))
  await eventually('the mutating policy gates pods', async () => {
    const made = await dryRun(vmPod('probe')).catch(messageOf)
    return made.includes('schedulingGates:\n') ? true : undefined
  })
  await eventually('the validating policy holds pods', async () => {
    const made = await dryRun(vmPod('probe', 'fleet', { nodeName: 'somewhere' })).catch(messageOf)
    return made.includes('spec.nodeName: ') ? true : undefined
  })
  await eventually('the validating policy keeps our seccomp profiles', async () => {
    const seccompProfile = { type: 'Localhost', localhostProfile: 'cpufeatures/unset.json' }
    const made = await dryRun(pod('probe', { spec: { securityContext: { seccompProfile } } })).catch(
      messageOf,
    )
    return made.includes('seccompProfile.localhostProfile: ') ? true : undefined
  })
}

const startInstalledApi = async (): Promise<InstalledApi> => {
  const controlPlane = await startControlPlane()
  const { kubectl } = controlPlane
  try {
    await installCrds(controlPlane)
    await kubectl(['apply', '-k', RULES])
    await policiesAtWork(controlPlane)
  } catch (error) {
    await controlPlane.stop()
    throw error
  }
  const apply = (object: object, kubeconfig = controlPlane.adminKubeconfig): Promise<string> =>
    kubectl(['--kubeconfig', kubeconfig, 'apply', '-f', '-'], JSON.stringify(object))
  return {
    controlPlane,
    apply,
    refusal: (object, kubeconfig) => failureOf(apply(object, kubeconfig)),
  }
}

let started: Promise<InstalledApi> | undefined

after(async () => {
  await (await started)?.controlPlane.stop()
})

/** The one API server of this process, with the API installed; resolves when the policies are at work. It ends with the tests. */
export const installedApi = (): Promise<InstalledApi> => (started ??= startInstalledApi())
