import type { ImageArchitecture } from './oci-archive.ts'

/** Where files of the image come from: a folder per source. */
export type ImageSource =
  /** The Node runtime: its program and licence. */
  | 'node'
  /** Unpacked Debian packages. */
  | 'libraries'
  /** npm's packages of koffi, by their names. */
  | 'koffi'
  /** dist/ */
  | 'product'

/** A file or a folder of the image. */
export type ImageFile = {
  source: ImageSource
  /** In the folder of its source. */
  from: string
  /** In the image; the same as `from` if not given. */
  to?: string
}

/** Debian's names of an architecture: for packages and for folders of libraries; the program interpreter that Node names; npm's name. */
export const ARCHITECTURES = {
  arm64: { libraries: 'aarch64-linux-gnu', interpreter: 'lib/ld-linux-aarch64.so.1', npm: 'arm64' },
  amd64: { libraries: 'x86_64-linux-gnu', interpreter: 'lib64/ld-linux-x86-64.so.2', npm: 'x64' },
} as const satisfies Record<ImageArchitecture, unknown>

/** The packages of Debian's stable release with the libraries that Node and koffi link against; the last has the licence of GCC's. */
export const LIBRARY_PACKAGES = ['libc6', 'libstdc++6', 'libgcc-s1', 'gcc-14-base'] as const

const LIBRARIES = [
  'libc.so.6',
  'libm.so.6',
  'libdl.so.2',
  'libpthread.so.0',
  'libgcc_s.so.1',
  'libstdc++.so.6',
]

const KOFFI = ['package.json', 'LICENSE.txt', 'index.js', 'src/koffi/index.js', 'src/koffi/src/static.js']

/** Where the product is in the image. */
export const HOME = 'opt/cpufeatures'

/** The files of the lower layer: everything that a new version of the product rarely changes. */
export const runtimeFiles = (architecture: ImageArchitecture): readonly ImageFile[] => {
  const { libraries, interpreter, npm } = ARCHITECTURES[architecture]
  const native = `@koromix/koffi-linux-${npm}`
  return [
    { source: 'node', from: 'node', to: 'usr/local/bin/node' },
    { source: 'node', from: 'LICENSE', to: 'usr/share/doc/node/LICENSE' },
    { source: 'libraries', from: `usr/${interpreter}`, to: interpreter },
    ...LIBRARIES.map((name): ImageFile => {
      const path = `lib/${libraries}/${name}`
      return { source: 'libraries', from: `usr/${path}`, to: path }
    }),
    ...['libc6', 'gcc-14-base'].map((name): ImageFile => ({
      source: 'libraries',
      from: `usr/share/doc/${name}/copyright`,
    })),
    ...KOFFI.map((name): ImageFile => ({
      source: 'koffi',
      from: `koffi/${name}`,
      to: `${HOME}/node_modules/koffi/${name}`,
    })),
    ...['package.json', 'index.js', `linux_${npm}/koffi.node`].map((name): ImageFile => ({
      source: 'koffi',
      from: `${native}/${name}`,
      to: `${HOME}/node_modules/${native}/${name}`,
    })),
  ]
}

/** The files of the upper layer: the product. */
export const productFiles = (architecture: ImageArchitecture): readonly ImageFile[] => [
  { source: 'product', from: 'cpufeatures.mjs', to: `${HOME}/cpufeatures.mjs` },
  { source: 'product', from: 'chunks', to: `${HOME}/chunks` },
  { source: 'product', from: `holder-${architecture}`, to: `${HOME}/holder` },
]

/** Files that the image has from nowhere else: names of its users, and how glibc finds hosts. */
export const WRITTEN_FILES: Readonly<Record<string, string>> = {
  'etc/passwd': 'root:x:0:0:root:/:/sbin/nologin\nnonroot:x:65532:65532:nonroot:/:/sbin/nologin\n',
  'etc/group': 'root:x:0:\nnonroot:x:65532:\n',
  'etc/nsswitch.conf': 'hosts: files dns\n',
}
