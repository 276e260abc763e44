import { existsSync, rmSync } from 'node:fs'
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { bootHost } from './emulated-host.ts'
import type { EmulatedHost, HostRequest } from './emulated-host.ts'
import { hostAccess } from './host-access.ts'
import type { HostAccess, HostAddress } from './host-access.ts'
import { LAB_PATHS } from './lab-paths.ts'

/** The hosts that test files share, one after the other: booted once for each worker of a run. Others are booted with `bootHost`. */
export const SHARED_HOSTS = {
  'neoverse-v1': { name: 'neoverse-v1', cpuModel: 'neoverse-v1', kernel: '6.18' },
  'neoverse-n2': { name: 'neoverse-n2', cpuModel: 'neoverse-n2', kernel: '6.18' },
} as const satisfies Record<string, HostRequest>

export type SharedHostName = keyof typeof SHARED_HOSTS

/** The variable of a test file's environment that says which worker runs it: a number from 1 on. */
export const WORKER_VARIABLE = 'LAB_WORKER'

/** What one process started for the tests of others, as written to .lab/run/session.json. */
type SessionFile = {
  pid: number
  /** By worker. */
  hosts: Record<string, Partial<Record<SharedHostName, HostAddress>>>
}

export type LabSession = {
  /** Boots the shared hosts of so many workers at once. */
  bootHosts: (workers: number) => Promise<void>
  stop: () => Promise<void>
}

/** The shared hosts, owned by the calling process; other processes connect to them. */
export const openLabSession = (): LabSession => {
  const file: SessionFile = { pid: process.pid, hosts: {} }
  const running: EmulatedHost[] = []
  const forget = (): void => {
    rmSync(LAB_PATHS.session, { force: true })
  }
  process.once('exit', forget)
  return {
    bootHosts: async (workers) => {
      const boot = async (request: HostRequest, worker: string): Promise<void> => {
        const host = await bootHost(request)
        running.push(host)
        file.hosts[worker] = { ...file.hosts[worker], [request.name]: host }
      }
      const numbers = Array.from({ length: workers }, (_, index) => String(index + 1))
      await Promise.all(
        numbers.flatMap((worker) => Object.values(SHARED_HOSTS).map((request) => boot(request, worker))),
      )
      await save(file)
    },
    stop: async () => {
      process.off('exit', forget)
      forget()
      await Promise.all(running.splice(0).map((host) => host.stop()))
    },
  }
}

/** A shared host of the worker; a test file that is run alone boots its own, which ends with it. */
export const connectHost = async (name: SharedHostName): Promise<HostAccess> => {
  const worker = process.env[WORKER_VARIABLE] ?? ''
  const address = (await readSession())?.hosts[worker]?.[name]
  if (address !== undefined) return hostAccess(address)
  const booting = ownHosts.get(name) ?? bootHost(SHARED_HOSTS[name])
  ownHosts.set(name, booting)
  return booting
}

const ownHosts = new Map<SharedHostName, Promise<EmulatedHost>>()

/** Written whole or not at all. Functions are not part of JSON: what is left is the address. */
const save = async (file: SessionFile): Promise<void> => {
  await mkdir(dirname(LAB_PATHS.session), { recursive: true })
  await writeFile(`${LAB_PATHS.session}.new`, JSON.stringify(file, undefined, 2))
  await rename(`${LAB_PATHS.session}.new`, LAB_PATHS.session)
}

const readSession = async (): Promise<SessionFile | undefined> => {
  if (!existsSync(LAB_PATHS.session)) return undefined
  const session = JSON.parse(await readFile(LAB_PATHS.session, 'utf8')) as SessionFile
  return existsSync(`/proc/${session.pid}`) ? session : undefined
}
