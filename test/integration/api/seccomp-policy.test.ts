import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { before, describe, it } from 'node:test'
import { LAB_PATHS } from '../../harness/lab-paths.ts'
import { installedApi, pod, VMM, vmPod, type InstalledApi } from './installed-api.ts'

type Seccomp = { type: string; localhostProfile?: string }
type Container = { name: string; securityContext?: { seccompProfile?: Seccomp; [key: string]: unknown } }
type MadePod = {
  metadata: { labels?: Record<string, string> }
  spec: {
    containers: Container[]
    initContainers?: Container[]
    schedulingGates?: { name: string }[]
    securityContext?: { seccompProfile?: Seccomp }
  }
}

const localhost = (localhostProfile: string): Seccomp => ({ type: 'Localhost', localhostProfile })
const KUBEVIRT = localhost('kubevirt/kubevirt.json')
const PROFILE_LABEL = 'cpufeatures.dev/profile'

/** A labelled pod whose VMM has this security context, and the pod that one. */
const securedPod = (container: object, ofPod: object = {}, metadata: object = {}): object =>
  pod('secured', {
    metadata: { labels: { [PROFILE_LABEL]: 'fleet' }, ...metadata },
    spec: { containers: [{ ...VMM, securityContext: container }], securityContext: ofPod },
  })

describe('the policy that gives VMMs our seccomp profile', () => {
  let api: InstalledApi
  /** What the API server makes of a pod; nothing is stored. */
  const admitted = async (object: object): Promise<MadePod> =>
    JSON.parse(
      await api.controlPlane.kubectl(
        ['create', '--dry-run=server', '-o', 'json', '-f', '-'],
        JSON.stringify(object),
      ),
    ) as MadePod
  /** The seccomp file that the VMM of each pod gets; one command for all, because each costs some tenths of a second. */
  const filesOf = async (pods: readonly object[]): Promise<(string | undefined)[]> => {
    const file = '{.spec.containers[0].securityContext.seccompProfile.localhostProfile}{"\\n"}'
    const list = { apiVersion: 'v1', kind: 'List', items: pods }
    const create = ['create', '--dry-run=server', '-o', `jsonpath=${file}`, '-f', '-']
    return (await api.controlPlane.kubectl(create, JSON.stringify(list)))
      .trimEnd()
      .split('\n')
      .map((name) => name.replace('cpufeatures/', '').replace('.json', ''))
  }
  const fileOf = async (object: object): Promise<string | undefined> => (await filesOf([object]))[0]

  before(async () => {
    api = await installedApi()
    for (const standard of ['baseline', 'restricted'])
      await api.apply({
        apiVersion: 'v1',
        kind: 'Namespace',
        metadata: { name: standard, labels: { 'pod-security.kubernetes.io/enforce': standard } },
      })
  })

  const kinds: Record<string, [object, object, string]> = {
    'nothing, as its pod': [{}, {}, 'unset-chroot'],
    Unconfined: [{ seccompProfile: { type: 'Unconfined' } }, {}, 'unconfined'],
    'Unconfined from its pod': [{}, { seccompProfile: { type: 'Unconfined' } }, 'unconfined'],
    RuntimeDefault: [{ seccompProfile: { type: 'RuntimeDefault' } }, {}, 'runtime-default-chroot'],
    'RuntimeDefault from its pod': [
      {},
      { seccompProfile: { type: 'RuntimeDefault' } },
      'runtime-default-chroot',
    ],
    'RuntimeDefault in an Unconfined pod': [
      { seccompProfile: { type: 'RuntimeDefault' } },
      { seccompProfile: { type: 'Unconfined' } },
      'runtime-default-chroot',
    ],
    "KubeVirt's profile": [{ seccompProfile: KUBEVIRT }, {}, 'kubevirt'],
    "KubeVirt's profile from its pod": [{}, { seccompProfile: KUBEVIRT }, 'kubevirt'],
    'our own, already': [{ seccompProfile: localhost('cpufeatures/unset-nice.json') }, {}, 'unset-chroot'],
    'our own for nothing, in a pod with RuntimeDefault': [
      { seccompProfile: localhost('cpufeatures/unset.json') },
      { seccompProfile: { type: 'RuntimeDefault' } },
      'runtime-default-chroot',
    ],
    'our own for RuntimeDefault': [
      { seccompProfile: localhost('cpufeatures/runtime-default.json') },
      {},
      'runtime-default-chroot',
    ],
  }
  it('keeps what a container had from itself or its pod, and adds the notifications', async () => {
    const files = await filesOf(
      Object.values(kinds).map(([container, ofPod]) => securedPod(container, ofPod)),
    )
    const table = (of: readonly (string | undefined)[]): [string, string | undefined][] =>
      Object.keys(kinds).map((had, index) => [had, of[index]])
    assert.deepEqual(table(files), table(Object.values(kinds).map(([, , file]) => file)))
  })

  const capabilities: Record<string, [object, string]> = {
    none: [{ drop: ['ALL'] }, ''],
    'none, written otherwise': [{ drop: ['all'] }, ''],
    'the default ones without SYS_CHROOT': [{ drop: ['SYS_CHROOT'] }, ''],
    'NET_BIND_SERVICE alone': [{ drop: ['ALL'], add: ['NET_BIND_SERVICE'] }, ''],
    'SYS_NICE alone': [{ drop: ['ALL'], add: ['SYS_NICE'] }, '-nice'],
    'SYS_CHROOT alone, with its prefix': [{ drop: ['ALL'], add: ['CAP_SYS_CHROOT'] }, '-chroot'],
    'the default ones and SYS_NICE': [{ add: ['SYS_NICE'] }, '-chroot-nice'],
    'SYS_NICE, added and dropped': [{ add: ['SYS_NICE'], drop: ['SYS_NICE'] }, '-chroot'],
  }
  const withCapabilities = ([set]: readonly [object, string], type?: string): object =>
    securedPod({ capabilities: set, ...(type === undefined ? {} : { seccompProfile: { type } }) })
  for (const [kind, type] of [['unset'], ['runtime-default', 'RuntimeDefault'], ['unconfined', 'Unconfined']])
    it(`names the file by the capabilities on which a default profile depends: ${kind ?? ''}`, async () => {
      const files = await filesOf(Object.values(capabilities).map((one) => withCapabilities(one, type)))
      const wanted = Object.values(capabilities).map(([, suffix]) =>
        type === 'Unconfined' ? kind : `${kind ?? ''}${suffix}`,
      )
      const table = (of: readonly (string | undefined)[]): [string, string | undefined][] =>
        Object.keys(capabilities).map((which, index) => [which, of[index]])
      assert.deepEqual(table(files), table(wanted))
    })

  it('gives it to exactly the containers that request a KVM resource, init containers and sidecars too', async () => {
    const other = { name: 'other', image: 'x', resources: { limits: { 'example.org/kvm': '1' } } }
    const none = { ...VMM, name: 'none', resources: { limits: { 'devices.kubevirt.io/kvm': '0' } } }
    const named = (name: string, resource: string, rest: object = {}): object => ({
      ...{ name, image: 'x', resources: { limits: { [resource]: '1' } }, ...rest },
    })
    const made = await admitted(
      vmPod('several', 'fleet', {
        containers: [other, VMM, none, named('second', 'squat.ai/kvm')],
        initContainers: [
          { name: 'first', image: 'x' },
          named('init-vm', 'devices.virtink.io/kvm'),
          named('sidecar', 'devices.kubevirt.io/kvm', { restartPolicy: 'Always' }),
        ],
      }),
    )
    const files = [...(made.spec.initContainers ?? []), ...made.spec.containers].map(
      ({ name, securityContext }) => `${name} ${securityContext?.seccompProfile?.localhostProfile ?? '-'}`,
    )
    const file = 'cpufeatures/unset-chroot.json'
    assert.deepEqual(files, [
      ...['first -', `init-vm ${file}`, `sidecar ${file}`],
      ...['other -', `vmm ${file}`, 'none -', `second ${file}`],
    ])
    assert.equal(made.spec.securityContext?.seccompProfile, undefined)
  })

  const recorded: Record<string, string> = {
    'container-disk-seccomp': 'kubevirt',
    'host-passthrough': 'unset-chroot-nice',
  }
  for (const [name, file] of Object.entries(recorded))
    it(`completes the virt-launcher pod of KubeVirt that was recorded: ${name}`, async () => {
      const path = join(LAB_PATHS.root, 'test/fixtures/virt-launcher', `${name}.json`)
      const sent = JSON.parse(readFileSync(path, 'utf8')) as MadePod
      const made = await admitted(sent)
      assert.deepEqual(made.spec.schedulingGates, [{ name: PROFILE_LABEL }])
      assert.equal(made.metadata.labels?.[PROFILE_LABEL], 'fleet')
      const withoutOurs = made.spec.containers.map(({ securityContext, ...rest }) => {
        if (rest.name !== 'compute') return { ...rest, securityContext }
        const { seccompProfile, ...others } = securityContext ?? {}
        assert.deepEqual(seccompProfile, localhost(`cpufeatures/${file}.json`))
        return { ...rest, securityContext: others }
      })
      assert.deepEqual(withoutOurs, sent.spec.containers)
      assert.deepEqual(made.spec.initContainers, sent.spec.initContainers)
      assert.deepEqual(made.spec.securityContext, sent.spec.securityContext)
    })

  const refused: Record<string, [object, RegExp]> = {
    'another Localhost profile': [
      securedPod({ seccompProfile: localhost('mine.json') }),
      /container vmm has mine\.json\. A container has one seccomp profile.*Use type RuntimeDefault/s,
    ],
    'another Localhost profile, of its pod': [
      securedPod({}, { seccompProfile: localhost('kubevirt/other.json') }),
      /container vmm has kubevirt\/other\.json/,
    ],
    'a file of ours that does not exist': [
      securedPod({ seccompProfile: localhost('cpufeatures/everything.json') }),
      /seccompProfile\.localhostProfile: our profiles are for containers.*not for container vmm/s,
    ],
    'a file of ours in another spelling': [
      securedPod({ seccompProfile: localhost('./cpufeatures//unconfined.json') }),
      /our profiles are for containers that request a KVM resource, not for container vmm/,
    ],
    'SYS_ADMIN with a default profile': [
      securedPod({ capabilities: { add: ['SYS_ADMIN'] } }),
      /capabilities\.add: container vmm adds SYS_ADMIN\. .*type Unconfined/s,
    ],
    'all capabilities, in small letters': [
      securedPod({ capabilities: { add: ['all'] }, seccompProfile: { type: 'RuntimeDefault' } }),
      /vmm adds all/,
    ],
    'a privileged VMM': [
      securedPod({ privileged: true }),
      /securityContext\.privileged: .*privileged container \(vmm\).*empty value/s,
    ],
    'a privileged container that may open /dev/kvm unasked': [
      pod('sly', {
        metadata: { labels: { [PROFILE_LABEL]: 'fleet' } },
        spec: { containers: [{ name: 'sly', image: 'x', securityContext: { privileged: true } }] },
      }),
      /privileged container \(sly\).*Request a KVM resource \(devices\.kubevirt\.io\/kvm, /s,
    ],
    'a RuntimeClass that is not listed': [
      pod('kata', {
        metadata: { labels: { [PROFILE_LABEL]: 'fleet' } },
        spec: { runtimeClassName: 'kata' },
      }),
      /spec\.runtimeClassName: kata is not known to run its VMM inside.*cpufeatures-system\/cpufeatures-settings/s,
    ],
    'our gate without a container that can make VMs': [
      pod('gated-by-itself', {
        metadata: { labels: { [PROFILE_LABEL]: 'fleet' } },
        spec: { schedulingGates: [{ name: PROFILE_LABEL }] },
      }),
      /spec\.schedulingGates: the gate cpufeatures\.dev\/profile is for pods that have a profile and a container/,
    ],
  }
  before(async () => {
    const { kubectl } = (await installedApi()).controlPlane
    const kata = { apiVersion: 'node.k8s.io/v1', kind: 'RuntimeClass', metadata: { name: 'kata' } }
    await kubectl(['apply', '-f', '-'], JSON.stringify({ ...kata, handler: 'kata' }))
  })
  for (const [what, [object, message]] of Object.entries(refused))
    it(`refuses a labelled pod with ${what}`, async () => {
      assert.match(await api.refusal(object), message)
    })

  it('lets Unconfined and KubeVirt containers have any capability: their filter does not depend on them', async () => {
    const added = { capabilities: { add: ['SYS_ADMIN'] } }
    assert.equal(await fileOf(securedPod({ ...added, seccompProfile: { type: 'Unconfined' } })), 'unconfined')
    assert.equal(await fileOf(securedPod({ ...added, seccompProfile: KUBEVIRT })), 'kubevirt')
  })

  it('leaves the other containers what they are: one that is privileged may be beside the VMM', async () => {
    const sidecar = { name: 'sidecar', image: 'x', securityContext: { privileged: true } }
    const made = await admitted(vmPod('beside', 'fleet', { containers: [VMM, sidecar] }))
    assert.equal(made.spec.containers[1]?.securityContext?.seccompProfile, undefined)
  })

  const strict = {
    allowPrivilegeEscalation: false,
    capabilities: { drop: ['ALL'] },
    runAsNonRoot: true,
    runAsUser: 107,
  }
  it('holds VMMs to the Pod Security Standard of the namespace, which our files would pass', async () => {
    const there = (namespace: string, container: object): object =>
      securedPod({ ...strict, ...container }, {}, { namespace })
    const unconfined = { seccompProfile: { type: 'Unconfined' } }
    for (const namespace of ['baseline', 'restricted']) {
      const message = new RegExp(`container vmm is Unconfined, and the namespace enforces .* ${namespace}`)
      assert.match(await api.refusal(there(namespace, unconfined)), message)
      const ours = { seccompProfile: localhost('cpufeatures/unconfined.json') }
      assert.match(await api.refusal(there(namespace, ours)), message)
      const withDefault = there(namespace, { seccompProfile: { type: 'RuntimeDefault' } })
      assert.equal(await fileOf(withDefault), 'runtime-default')
    }
    assert.match(
      await api.refusal(there('restricted', {})),
      /container vmm has none, and the namespace enforces the Pod Security Standard restricted/,
    )
    assert.equal(await fileOf(there('baseline', {})), 'unset')
  })

  const onlyWhereItBelongs = /is for containers that request a KVM resource, in a pod with the label/
  it('refuses our files on a pod without a profile, in any container, in the pod, and in any spelling', async () => {
    for (const file of [
      'cpufeatures/unconfined.json',
      './cpufeatures/unset.json',
      'cpufeatures//unset.json',
    ]) {
      const securityContext = { seccompProfile: localhost(file) }
      const container = { name: 'c', image: 'x', securityContext }
      const without = (spec: object): Promise<string> => api.refusal(pod('without', { spec }))
      assert.match(await without({ containers: [container] }), onlyWhereItBelongs)
      assert.match(await without({ containers: [{ ...VMM, securityContext }] }), onlyWhereItBelongs)
      assert.match(await without({ initContainers: [{ ...container, name: 'i' }] }), onlyWhereItBelongs)
      assert.match(await without({ securityContext }), onlyWhereItBelongs)
      assert.match(await api.refusal(vmPod('empty-label', '', { securityContext })), onlyWhereItBelongs)
    }
  })

  it('refuses our files in other containers of a labelled pod, in the pod itself, and in a debugging container', async () => {
    const securityContext = { seccompProfile: localhost('cpufeatures/unconfined.json') }
    const other = { name: 'other', image: 'x', securityContext }
    assert.match(
      await api.refusal(vmPod('beside', 'fleet', { containers: [VMM, other] })),
      /our profiles are for containers that request a KVM resource, not for container other/,
    )
    assert.match(await api.refusal(vmPod('whole', 'fleet', { securityContext })), onlyWhereItBelongs)
    const debug = { spec: { ephemeralContainers: [{ name: 'debug', image: 'x', securityContext }] } }
    for (const [name, object] of Object.entries({
      debugged: pod('debugged'),
      'debugged-vm': vmPod('debugged-vm'),
    })) {
      await api.apply(object)
      const add = ['patch', 'pod', name, '--subresource=ephemeralcontainers', '-p', JSON.stringify(debug)]
      await assert.rejects(api.controlPlane.kubectl(add), onlyWhereItBelongs)
    }
  })

  it('admits a labelled pod that can make no VM as it is, and warns', async () => {
    const labelled = pod('attachment', { metadata: { labels: { [PROFILE_LABEL]: 'fleet' } } })
    const made = await admitted(labelled)
    assert.equal(made.spec.schedulingGates, undefined)
    assert.equal(made.spec.containers[0]?.securityContext, undefined)
    const create = ['create', '--dry-run=server', '--warnings-as-errors', '-f', '-']
    const { kubectl } = api.controlPlane
    await assert.rejects(
      kubectl(create, JSON.stringify(labelled)),
      /no container of this pod requests a KVM resource \(devices\.kubevirt\.io\/kvm, .*the label has no effect/s,
    )
    await kubectl(create, JSON.stringify(vmPod('quiet')))
    await kubectl(create, JSON.stringify(pod('quiet')))
  })

  it('leaves pods without a KVM resource alone in a namespace with a default profile, and refuses a VM that escaped it', async () => {
    const labels = { 'cpufeatures.dev/default-profile': 'fleet' }
    await api.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'vms', labels } })
    const made = await admitted(pod('web', { metadata: { namespace: 'vms' } }))
    assert.equal(made.metadata.labels, undefined)
    assert.equal(made.spec.schedulingGates, undefined)
    const direct = { containers: [VMM], nodeName: 'somewhere' }
    assert.match(
      await api.refusal(pod('direct', { metadata: { namespace: 'vms' }, spec: direct })),
      /the default profile of the namespace is missing/,
    )
  })
})
