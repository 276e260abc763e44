import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { artifact } from './artifact-cache.ts'
import { runCommand } from './process.ts'
import { requireTools } from './tools.ts'

/** Suites in which packages are looked for together, for one architecture. */
export type PackageArchive = {
  /** Ends the name of its lists in the cache. */
  name: string
  suites: readonly string[]
  architecture: 'arm64' | 'amd64'
}

/** Newer suites than the machine's own are looked at in a private apt root only: the machine never sees them. */
const LAB: PackageArchive = {
  name: '',
  suites: ['trixie', 'trixie-backports', 'bookworm', 'bookworm-backports'],
  architecture: 'arm64',
}

const KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg'

/** Names of the arm64 packages that begin with `prefix`. */
export const packageNames = async (prefix: string): Promise<string[]> => {
  const env = await aptEnvironment(LAB)
  const { stdout } = await runCommand(['apt-cache', 'pkgnames', prefix], { env })
  return stdout.split('\n').filter((name) => name !== '')
}

/** Unpacks packages into `folder`, each exactly as named, without their dependencies. */
export const unpackPackages = async (
  names: readonly string[],
  folder: string,
  archive = LAB,
): Promise<void> => {
  const downloads = `${folder}.debs`
  await mkdir(downloads)
  const env = await aptEnvironment(archive)
  await runCommand(['apt-get', 'download', '-q', ...names], { env, cwd: downloads })
  await unpackAll(downloads, folder)
}

/**
 * Unpacks packages with all their dependencies (no recommendations) into `folder`. It runs none of their scripts,
 * so it needs neither emulation nor root.
 *
 * @param suite - the suite from which packages and dependencies come, as far as it has them; `NAME/SUITE` takes one
 *   package from another suite
 */
export const unpackClosure = async (
  names: readonly string[],
  folder: string,
  suite = 'trixie',
  archive = LAB,
): Promise<void> => {
  const downloads = `${folder}.debs`
  await mkdir(join(downloads, 'partial'), { recursive: true })
  const env = await aptEnvironment(archive)
  const options = [
    '--download-only',
    '--no-install-recommends',
    '-y',
    '-q',
    '-t',
    suite,
    '-o',
    `Dir::Cache::archives=${downloads}`,
  ]
  await runCommand(['apt-get', 'install', ...options, ...names], { env })
  await unpackAll(downloads, folder)
}

const unpackAll = async (downloads: string, folder: string): Promise<void> => {
  await mkdir(folder, { recursive: true })
  for (const file of (await readdir(downloads)).filter((name) => name.endsWith('.deb'))) {
    await runCommand(['dpkg-deb', '-x', join(downloads, file), folder])
  }
}

/** An apt root of our own with fresh lists, made anew on each day on which something is downloaded. */
const packageLists = async (archive: PackageArchive): Promise<string> => {
  requireTools('apt-get', 'dpkg-deb')
  const site = await mirror()
  const made =
    lists.get(archive) ??
    artifact({
      name: `debian-package-lists${archive.name}`,
      inputs: [site, ...archive.suites, new Date().toISOString().slice(0, 10)],
      make: (folder) => makeLists(folder, site, archive),
    })
  lists.set(archive, made)
  return made
}

const lists = new Map<PackageArchive, Promise<string>>()

const makeLists = async (folder: string, site: string, archive: PackageArchive): Promise<void> => {
  const etc = join(folder, 'etc/apt')
  for (const inside of [
    'etc/apt/preferences.d',
    'var/lib/apt/lists/partial',
    'var/cache/apt/archives/partial',
    'var/lib/dpkg',
  ]) {
    await mkdir(join(folder, inside), { recursive: true })
  }
  await writeFile(join(folder, 'var/lib/dpkg/status'), '')
  const options = `arch=${archive.architecture} signed-by=${KEYRING}`
  const sources = archive.suites.map((suite) => `deb [${options}] ${site} ${suite} main`)
  await writeFile(join(etc, 'sources.list'), `${sources.join('\n')}\n`)
  // Later suites drop out of a mirror, or their signatures age. The rest must do, and a missing package is named later.
  await runCommand(['apt-get', 'update', '-q'], { env: await environmentIn(folder, archive), mayFail: true })
}

/** Where this machine's apt takes Debian from: the lab needs no other host of the network. */
const mirror = async (): Promise<string> => {
  const { stdout } = await runCommand(['apt-get', 'indextargets', '--format', '$(SITE)'], { mayFail: true })
  const site = stdout.split('\n').find((line) => /\/debian\/*$/.test(line))
  if (site === undefined) throw new Error('apt has no Debian archive for the lab; add one to its sources')
  return site
}

const aptEnvironment = async (archive: PackageArchive): Promise<NodeJS.ProcessEnv> =>
  environmentIn(await packageLists(archive), archive)

/** Points apt at the private root; what the machine's apt says of fetching (proxies, retries) holds there too. */
const environmentIn = async (
  folder: string,
  { architecture }: PackageArchive,
): Promise<NodeJS.ProcessEnv> => {
  const { stdout } = await runCommand(['apt-config', 'dump', 'Acquire'])
  const fetching = stdout.split('\n').filter((line) => /^Acquire::\S+ "[^"]+";$/.test(line))
  const settings = [
    ...fetching,
    `Dir "${folder}";`,
    `Dir::State::status "${join(folder, 'var/lib/dpkg/status')}";`,
    `APT::Architecture "${architecture}";`,
    `APT::Architectures { "${architecture}"; };`,
    'APT::Sandbox::User "root";',
    // Archived suites keep a Release file that has expired.
    'Acquire::Check-Valid-Until "false";',
    'Acquire::Retries "3";',
    'Acquire::Languages "none";',
  ]
  const file = join(folder, 'apt.conf')
  await writeFile(file, `${settings.join('\n')}\n`)
  return { ...process.env, APT_CONFIG: file }
}
