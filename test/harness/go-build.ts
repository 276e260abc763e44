import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { runCommand } from './process.ts'
import { requireTools } from './tools.ts'

export type GoBuild = {
  /** The folder with go.mod. */
  module: string
  /** The package in it, e.g. `.` or `./kubelet`. */
  program: string
  binary: string
  /** This machine's if not given. */
  architecture?: 'arm64'
  /** False: the program is none of Kubernetes, and go.mod does not name a version of it. */
  saysKubernetesVersion?: false
}

/** The version of Kubernetes that a module's go.mod names: without it in a binary kubectl cannot parse the server's version. */
export const kubernetesVersion = async (module: string): Promise<string> => {
  const goMod = await readFile(join(module, 'go.mod'), 'utf8')
  const version = /k8s\.io\/kubernetes (v[\d.]+)/.exec(goMod)?.[1]
  if (version === undefined) throw new Error(`${module}/go.mod does not require k8s.io/kubernetes`)
  return version
}

/** Flags of the linker with which a program says the version of Kubernetes that it was made from. */
const versionFlags = async (module: string): Promise<string> => {
  const version = await kubernetesVersion(module)
  const [, major, minor] = /^v(\d+)\.(\d+)/.exec(version) ?? []
  const stamp = 'k8s.io/component-base/version'
  return ` -X ${stamp}.gitVersion=${version} -X ${stamp}.gitMajor=${major ?? ''} -X ${stamp}.gitMinor=${minor ?? ''}`
}

/** Builds a program from Go modules alone: static, without cgo, and it says Kubernetes' version. */
export const buildGo = async (build: GoBuild): Promise<void> => {
  const { module, program, binary, architecture, saysKubernetesVersion } = build
  requireTools('go')
  const flags = `-s -w${saysKubernetesVersion === false ? '' : await versionFlags(module)}`
  await runCommand(
    ['go', 'build', '-buildvcs=false', '-trimpath', '-ldflags', flags, '-o', binary, program],
    {
      cwd: module,
      // auto: an older Go (1.21 or later) takes the toolchain that go.mod asks for as a module.
      env: {
        ...process.env,
        ...(architecture === undefined ? {} : { GOARCH: architecture }),
        ...{ CGO_ENABLED: '0', GOTOOLCHAIN: 'auto', GOFLAGS: '' },
      },
    },
  )
}
