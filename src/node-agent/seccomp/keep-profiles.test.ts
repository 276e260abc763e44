import assert from 'node:assert/strict'
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { seccompBases } from '../../../test/fixtures/seccomp-bases/seccomp-bases.ts'
import { CONTAINER_PROFILES } from './container-profiles.ts'
import { keepProfiles, type KeptProfile, type ProfilePlaces } from './keep-profiles.ts'
import { writeLossless } from './lossless-json.ts'
import { UNFILTERED } from './notifying-filter.ts'

const SUFFIXES = ['', '-chroot', '-nice', '-chroot-nice']
const CONTAINERS = ['runtime-default', 'unset'].flatMap((kind) =>
  SUFFIXES.map((suffix) => `reference-${kind}${suffix}`),
)
const KUBELET = '/var/lib/kubelet'
const BASES = seccompBases()

/** A folder with the files of a node that these profiles come from, and its agent's pod. */
class Node {
  readonly root: string
  constructor(root: string) {
    this.root = root
  }

  get folder(): string {
    return join(this.root, 'run/cpufeatures/seccomp')
  }

  put = async (path: string, text: string): Promise<void> => {
    await mkdir(dirname(join(this.root, path)), { recursive: true })
    await writeFile(join(this.root, path), text)
  }

  /** What the runtime applies to a reference container. */
  apply = (container: string, seccomp: unknown): Promise<void> =>
    this.put(
      `run/containerd/io.containerd.runtime.v2.task/k8s.io/id-${container}/config.json`,
      writeLossless({ ociVersion: '1.2.0', linux: { seccomp } }),
    )

  fill = async (): Promise<void> => {
    await mkdir(join(this.root, KUBELET, 'pods/uid-of-agent'), { recursive: true })
    for (const container of CONTAINERS)
      await this.apply(
        container,
        container.includes('unset') ? undefined : BASES[container.replace('reference-', '')],
      )
  }

  places = (changes: Partial<ProfilePlaces> = {}): ProfilePlaces => ({
    hostRoot: this.root,
    kubeletRoot: KUBELET,
    folder: this.folder,
    listenerPath: '/run/cpufeatures/runtime.sock',
    pod: {
      metadata: { name: 'agent', uid: 'uid-of-agent' },
      status: {
        containerStatuses: CONTAINERS.map((name) => ({ name, containerID: `containerd://id-${name}` })),
      },
    },
    ...changes,
  })

  profile = async (name: string): Promise<string> => readFile(join(this.folder, `${name}.json`), 'utf8')
}

const problems = (kept: readonly KeptProfile[]): string[] =>
  kept.flatMap((one) => (one.kind === 'problem' ? [`${one.problem.reason} ${one.problem.about}`] : []))
const kinds = (kept: readonly KeptProfile[]): Set<string> => new Set(kept.map(({ kind }) => kind))

describe('the profiles of a node', () => {
  let node: Node
  beforeEach(async () => {
    node = new Node(await mkdtemp(join(tmpdir(), 'profiles-')))
    await node.fill()
  })
  afterEach(() => rm(node.root, { recursive: true }))

  it('are all written, but that of KubeVirt where its file is not there', async () => {
    assert.deepEqual(problems(await keepProfiles(node.places())), [])
    const expected = CONTAINER_PROFILES.map(({ name }) => `${name}.json`).filter(
      (name) => name !== 'kubevirt.json',
    )
    assert.deepEqual((await readdir(node.folder)).toSorted(), expected.toSorted())
    assert.equal((await stat(node.folder)).mode & 0o777, 0o700)
  })

  it('allow what the runtime allows a container of the same capabilities', async () => {
    await keepProfiles(node.places())
    assert.match(await node.profile('runtime-default-nice'), /"mbind"/)
    assert.doesNotMatch(await node.profile('runtime-default-chroot'), /"mbind"/)
    assert.match(await node.profile('runtime-default-chroot'), /"chroot"/)
  })

  it('of containers that name no profile follow the seccompDefault of the kubelet', async () => {
    await keepProfiles(node.places())
    assert.match(await node.profile('unset'), /"defaultAction": "SCMP_ACT_ALLOW"/)
    await node.apply('reference-unset', BASES['runtime-default'])
    await keepProfiles(node.places())
    assert.match(await node.profile('unset'), /"defaultAction": "SCMP_ACT_ERRNO"/)
  })

  it('build on the file of KubeVirt once it is there', async () => {
    await node.put(`${KUBELET}/seccomp/kubevirt/kubevirt.json`, writeLossless(BASES['kubevirt']))
    await keepProfiles(node.places())
    assert.match(await node.profile('kubevirt'), /"userfaultfd"/)
  })

  it('are found where CRI-O keeps the configuration of a container', async () => {
    const [name = ''] = CONTAINERS
    await node.put(
      'run/containers/storage/overlay-containers/c0ffee/userdata/config.json',
      writeLossless({ linux: { seccomp: { ...UNFILTERED, comment: 'of CRI-O' } } }),
    )
    const pod = {
      metadata: { name: 'agent', uid: 'uid-of-agent' },
      status: { containerStatuses: [{ name, containerID: 'cri-o://c0ffee' }] },
    }
    await keepProfiles(node.places({ pod }))
    assert.match(await node.profile(name.replace('reference-', '')), /"of CRI-O"/)
  })

  it('are written again only if they differ, and other files stay', async () => {
    await keepProfiles(node.places())
    await writeFile(join(node.folder, 'foreign.json'), 'theirs')
    await writeFile(join(node.folder, 'unset.json'), 'cut off')
    const { ino } = await stat(join(node.folder, 'unset-nice.json'))
    const kept = await keepProfiles(node.places())
    assert.equal(kept.filter(({ kind }) => kind === 'written').length, 1)
    assert.equal((await stat(join(node.folder, 'unset-nice.json'))).ino, ino)
    assert.equal(await node.profile('foreign'), 'theirs')
    assert.match(await node.profile('unset'), /SCMP_ACT_NOTIFY/)
    assert.deepEqual(kinds(await keepProfiles(node.places())), new Set(['unchanged', 'not-needed']))
  })

  it('that cannot be made anew keep their files, and are named with the reason', async () => {
    await keepProfiles(node.places())
    const was = await node.profile('runtime-default')
    await node.apply('reference-runtime-default', undefined)
    await node.apply('reference-runtime-default-nice', { defaultAction: 7 })
    await node.apply('reference-unset', { defaultAction: 'SCMP_ACT_ERRNO' })
    await rm(join(node.root, 'run/containerd/io.containerd.runtime.v2.task/k8s.io/id-reference-unset-nice'), {
      recursive: true,
    })
    const [about = '', ...others] = problems(await keepProfiles(node.places())).toSorted()
    assert.equal(about, 'FilterNotApplied reference-runtime-default')
    assert.match(others.join('\n'), /^FilterUnreadable reference-runtime-default-nice: .*expected string/m)
    assert.match(others.join('\n'), /^IoctlNotAllowed the base of cpufeatures\/unset\.json$/m)
    assert.match(others.join('\n'), /^ReferenceConfigMissing reference-unset-nice, containerd:/m)
    assert.equal(others.length, 3)
    assert.equal(await node.profile('runtime-default'), was)
  })

  it('tell which reference container is missing or does not run yet', async () => {
    const containerStatuses = [{ name: 'reference-unset' }]
    const pod = { metadata: { name: 'agent', uid: 'uid-of-agent' }, status: { containerStatuses } }
    const told = problems(await keepProfiles(node.places({ pod })))
    assert.ok(told.includes('ReferenceNotRunning reference-unset'))
    assert.ok(told.includes('ReferenceMissing reference-runtime-default'))
  })

  it('name a folder that is not the one of the kubelet that runs the agent', async () => {
    await mkdir(join(node.root, 'srv/kubelet/pods'), { recursive: true })
    const kept = await keepProfiles(node.places({ kubeletRoot: '/srv/kubelet' }))
    assert.deepEqual(problems(kept), ['KubeletRootWrong /srv/kubelet'])
  })

  it('that cannot be written are named with the error', async () => {
    await node.put('run/cpufeatures', 'a file')
    const told = problems(await keepProfiles(node.places()))
    assert.equal(told.length, 9)
    assert.match(told[0] ?? '', /^FileFailed cpufeatures\/unset\.json: (EEXIST|ENOTDIR)/)
  })
})
