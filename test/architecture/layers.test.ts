import assert from 'node:assert/strict'
import { dirname, join, relative, resolve } from 'node:path'
import { describe, it } from 'node:test'
import { productFiles, ROOT, sourceFiles, type SourceFile } from './source-files.ts'

/** For each layer, the layers whose values it may use: the last column of ARCHITECTURE.md. Types may look sideways. */
const MAY_USE: Record<string, readonly string[]> = {
  arm64: [],
  api: [],
  catalogue: [],
  plan: ['arm64', 'api'],
  prediction: ['arm64', 'api', 'plan'],
  profile: ['arm64', 'api', 'catalogue', 'plan', 'prediction'],
  compatibility: ['arm64', 'api', 'catalogue', 'plan', 'prediction', 'profile'],
  linux: [],
  kube: [],
  observability: ['catalogue'],
  runtime: [],
  discovery: ['arm64', 'api', 'plan', 'prediction', 'linux'],
  launch: ['arm64', 'api', 'catalogue', 'plan', 'prediction', 'linux'],
  supervisor: [
    ...['arm64', 'api', 'catalogue', 'plan', 'prediction'],
    ...['linux', 'launch', 'observability', 'runtime'],
  ],
  controller: [
    'arm64',
    'api',
    'catalogue',
    'plan',
    'prediction',
    'profile',
    'compatibility',
    'kube',
    'observability',
    'runtime',
  ],
  'node-agent': [
    ...['arm64', 'api', 'catalogue', 'plan', 'prediction', 'profile', 'compatibility'],
    ...['linux', 'discovery', 'launch', 'supervisor', 'kube', 'observability', 'runtime'],
  ],
  cli: [
    ...['arm64', 'api', 'catalogue', 'plan', 'prediction', 'profile', 'compatibility'],
    ...['linux', 'discovery', 'launch', 'supervisor', 'kube', 'observability', 'runtime'],
  ],
}

const layerOf = (path: string): string => path.split('/')[1] ?? ''

const targetOf = (file: SourceFile, specifier: string): string =>
  relative(ROOT, resolve(ROOT, join(dirname(file.path), specifier)))

const crossings = (files: SourceFile[]): { from: string; to: string; file: string }[] =>
  files.flatMap((file) =>
    file.imports
      .filter((one) => !one.typeOnly && one.specifier.startsWith('.'))
      .map((one) => ({
        from: layerOf(file.path),
        to: layerOf(targetOf(file, one.specifier)),
        file: file.path,
      }))
      .filter((one) => one.from !== one.to),
  )

describe('layers', () => {
  const files = productFiles().filter((file) => file.path !== 'src/main.ts')

  it('every folder of src is a known layer', () => {
    const unknown = files.map((file) => layerOf(file.path)).filter((layer) => !(layer in MAY_USE))
    assert.deepEqual([...new Set(unknown)], [])
  })

  it('values are only imported downwards', () => {
    const wrong = crossings(files).filter((one) => !(MAY_USE[one.from] ?? []).includes(one.to))
    assert.deepEqual(
      wrong.map((one) => `${one.file} uses ${one.to}`),
      [],
    )
  })

  it('the binaries never import one another, not even types', () => {
    const binaries = ['controller', 'node-agent', 'cli']
    const wrong = files.flatMap((file) =>
      file.imports
        .filter((one) => one.specifier.startsWith('.'))
        .map((one) => layerOf(targetOf(file, one.specifier)))
        .filter((to) => binaries.includes(to) && to !== layerOf(file.path))
        .map((to) => `${file.path} uses ${to}`),
    )
    assert.deepEqual(wrong, [])
  })

  it('the CLI starts supervisors and is none: it uses nothing that serves a launch', () => {
    const wrong = files
      .filter((file) => layerOf(file.path) === 'cli')
      .flatMap((file) =>
        file.imports
          .filter((one) => !one.typeOnly && one.specifier.startsWith('.'))
          .map((one) => targetOf(file, one.specifier))
          .filter((to) => to.startsWith('src/launch/act/') && to !== 'src/launch/act/launch-host.ts')
          .map((to) => `${file.path} uses ${to}`),
      )
    assert.deepEqual(wrong, [])
  })

  it('product code never imports test code or scripts', () => {
    const wrong = files.flatMap((file) =>
      file.imports
        .filter((one) => one.specifier.startsWith('.'))
        .map((one) => targetOf(file, one.specifier))
        .filter((to) => !to.startsWith('src/'))
        .map((to) => `${file.path} uses ${to}`),
    )
    assert.deepEqual(wrong, [])
  })

  it('product code is used by product code or scripts, not by tests alone', () => {
    const used = new Set(
      [...productFiles(), ...sourceFiles('scripts')].flatMap((file) =>
        file.imports
          .filter((one) => one.specifier.startsWith('.'))
          .map((one) => targetOf(file, one.specifier)),
      ),
    )
    assert.deepEqual(
      files.map((file) => file.path).filter((path) => !used.has(path)),
      [],
    )
  })

  it('only *.ffi.ts files import the FFI package', () => {
    const wrong = [...sourceFiles('src'), ...sourceFiles('test'), ...sourceFiles('scripts')]
      .filter((file) => !file.path.endsWith('.ffi.ts'))
      .filter((file) => file.imports.some((one) => one.specifier === 'koffi'))
    assert.deepEqual(
      wrong.map((file) => file.path),
      [],
    )
  })

  it('FFI lives in src/linux alone', () => {
    const wrong = sourceFiles('src').filter(
      (file) => file.path.endsWith('.ffi.ts') && layerOf(file.path) !== 'linux',
    )
    assert.deepEqual(
      wrong.map((file) => file.path),
      [],
    )
  })

  it('pure layers touch neither the file system, processes nor the clock', () => {
    const pure = ['arm64', 'api', 'catalogue', 'plan', 'prediction', 'profile', 'compatibility']
    const impure = /^node:(fs|child_process|net|http|https|os|process|worker_threads|timers)/
    const wrong = files
      .filter((file) => pure.includes(layerOf(file.path)))
      .flatMap((file) => [
        ...file.imports
          .filter((one) => impure.test(one.specifier))
          .map((one) => `${file.path}: ${one.specifier}`),
        ...(/\bDate\.now\(|new Date\(\)|process\.env|Math\.random/.test(file.text)
          ? [`${file.path}: clock, environment or chance`]
          : []),
      ])
    assert.deepEqual(wrong, [])
  })

  it('the environment is read in src/runtime/options.ts alone', () => {
    const wrong = productFiles().filter(
      (file) => file.path !== 'src/runtime/options.ts' && /process\.env\b/.test(file.text),
    )
    assert.deepEqual(
      wrong.map((file) => file.path),
      [],
    )
  })
})
