import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { parse, parseAllDocuments } from 'yaml'
import { INSTALLED_LABEL } from '../../src/api/names.ts'
import { INSTALLED_OBJECTS } from '../../src/api/installed-objects.ts'
import { REMOVED_KINDS } from '../../src/cli/uninstall/removed-kinds.ts'
import { VERSION } from '../../src/runtime/version.ts'
import { ROOT } from './source-files.ts'

type Container = {
  name: string
  securityContext: { seccompProfile?: { type: string }; capabilities: { drop: string[]; add?: string[] } }
}
type Manifest = {
  kind: string
  spec: { template: { spec: { containers: Container[]; securityContext?: object } } }
}

const manifests = (file: string): Manifest[] =>
  parseAllDocuments(readFileSync(join(ROOT, 'deploy', file), 'utf8')).map((one) => one.toJS() as Manifest)

/** The files that the admission policy may name, as it composes them. */
const SUFFIXES = {
  '': [],
  '-chroot': ['SYS_CHROOT'],
  '-nice': ['SYS_NICE'],
  '-chroot-nice': ['SYS_CHROOT', 'SYS_NICE'],
}
const OF_RUNTIME = ['runtime-default', 'unset'].flatMap((kind) =>
  Object.entries(SUFFIXES).map(([suffix, added]) => ({ name: `${kind}${suffix}`, kind, added })),
)

describe('deploy/', () => {
  it('has a reference container for each seccomp profile that depends on the runtime, with its capabilities', () => {
    const [agent] = manifests('base/node-agent.yaml')
    assert.ok(agent?.kind === 'DaemonSet')
    const { containers, securityContext } = agent.spec.template.spec
    assert.equal(
      securityContext,
      undefined,
      'a profile of the pod would reach the reference containers for none',
    )
    const references = containers.filter(({ name }) => name.startsWith('reference-'))
    assert.deepEqual(
      references.map(({ name, securityContext: { seccompProfile, capabilities } }) => ({
        ...{ name: name.replace('reference-', ''), kind: seccompProfile?.type ?? 'none' },
        ...{ dropped: capabilities.drop, added: capabilities.add ?? [] },
      })),
      OF_RUNTIME.map(({ name, kind, added }) => ({
        ...{ name, kind: kind === 'unset' ? 'none' : 'RuntimeDefault' },
        ...{ dropped: ['ALL'], added },
      })),
    )
  })

  it('lists each of our seccomp profiles for OpenShift', () => {
    const text = readFileSync(
      join(ROOT, 'deploy/overlays/openshift/security-context-constraints.yaml'),
      'utf8',
    )
    const listed = [...text.matchAll(/localhost\/cpufeatures\/([a-z-]+)\.json/g)].map(([, name]) => name)
    assert.deepEqual(listed.sort(), ['kubevirt', 'unconfined', ...OF_RUNTIME.map(({ name }) => name)].sort())
  })

  it('has exactly the policies, bindings and CRDs that controller and node-agents look for, all of this version', () => {
    const named = INSTALLED_OBJECTS.flatMap(({ resource, names }) =>
      names.map((name) => `${resource.kind} ${name}`),
    )
    const there = globSync(['deploy/rules/admission-*.yaml', 'crds/*.yaml'], { cwd: ROOT })
      .flatMap((file) => parseAllDocuments(readFileSync(join(ROOT, file), 'utf8')))
      .map((one) => one.toJS() as { kind: string; metadata: { name: string } })
      .map(({ kind, metadata }) => `${kind} ${metadata.name}`)
    assert.deepEqual(named.sort(), there.sort())
    const rules = readFileSync(join(ROOT, 'deploy/rules/kustomization.yaml'), 'utf8')
    assert.ok(rules.includes(`cpufeatures.dev/version: ${VERSION}\n`))
    const images = globSync('deploy/base/*.yaml', { cwd: ROOT })
      .flatMap((file) => [...readFileSync(join(ROOT, file), 'utf8').matchAll(/image: (.*)/g)])
      .map(([, image]) => image)
    assert.deepEqual([...new Set(images)], [`cpufeatures:${VERSION}`])
  })

  it('installs only kinds of objects that uninstalling removes', () => {
    const files = globSync(['deploy/{base,rules,overlays}/**/*.yaml', 'crds/*.yaml'], { cwd: ROOT })
    const installed = files
      .flatMap((file) => parseAllDocuments(readFileSync(join(ROOT, file), 'utf8')))
      .map((one) => one.toJS() as { apiVersion?: string; kind?: string })
      .filter(({ kind }) => kind !== undefined && kind !== 'Kustomization')
      .map(({ apiVersion, kind }) => `${apiVersion ?? ''} ${kind ?? ''}`)
    const removed = REMOVED_KINDS.map(({ apiVersion, kind }) => `${apiVersion} ${kind}`)
    assert.deepEqual([...new Set(installed)].sort(), removed.sort())
  })

  it('labels all that it installs: each kustomization with objects that `rules` does not have', () => {
    const overlays = globSync('deploy/{base,overlays/*}/kustomization.yaml', { cwd: ROOT })
    const own = overlays.filter((file) =>
      (kustomization(file).resources ?? []).some((one) => one.endsWith('.yaml') || one === '../../crds'),
    )
    assert.ok(own.length >= 2)
    for (const file of own)
      assert.deepEqual(kustomization(file).labels, [{ pairs: { [INSTALLED_LABEL]: '' } }])
  })
})

type Kustomization = { resources?: string[]; labels?: object[] }

const kustomization = (file: string): Kustomization =>
  parse(readFileSync(join(ROOT, file), 'utf8')) as Kustomization
