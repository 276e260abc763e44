import { existsSync, rmSync } from 'node:fs'
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { bootHost } from './emulated-host.ts'
import type { EmulatedHost, HostRequest } from './emulated-host.ts'
import { hostAccess } from './host-access.ts'
import type { HostAccess, HostAddress } from './host-access.ts'
import { labPaths } from './lab-paths.ts'

/** The hosts that tests share: booted once a run. A test that needs another boots its own with `bootHost`. */
export const sharedHosts = {
  'neoverse-v1': { name: 'neoverse-v1', cpuModel: 'neoverse-v1', kernel: '6.18' },
  'neoverse-n2': { name: 'neoverse-n2', cpuModel: 'neoverse-n2', kernel: '6.18' },
} as const satisfies Record<string, HostRequest>

export type SharedHostName = keyof typeof sharedHosts

/** What one process started for the tests of others, as written to .lab/run/session.json. */
interface SessionFile {
  pid: number
  hosts: Partial<Record<SharedHostName, HostAddress>>
}

export interface LabSession {
  /** Boots all shared hosts at once. */
  bootHosts: () => Promise<void>
  stop: () => Promise<void>
}

/** The shared hosts, owned by the calling process; other processes connect to them. */
export function openLabSession(): LabSession {
  const file: SessionFile = { pid: process.pid, hosts: {} }
  const running: EmulatedHost[] = []
  const forget = (): void => {
    rmSync(labPaths.session, { force: true })
  }
  process.once('exit', forget)
  return {
    bootHosts: async () => {
      const booting = Object.values(sharedHosts).map(async (request) => {
        const host = await bootHost(request)
        running.push(host)
        file.hosts[request.name] = host
      })
      await Promise.all(booting)
      await save(file)
    },
    stop: async () => {
      process.off('exit', forget)
      forget()
      await Promise.all(running.splice(0).map((host) => host.stop()))
    },
  }
}

/** A shared host of the run; a test file that is run alone boots its own, which ends with it. */
export async function connectHost(name: SharedHostName): Promise<HostAccess> {
  const address = (await readSession())?.hosts[name]
  if (address !== undefined) return hostAccess(address)
  const booting = ownHosts.get(name) ?? bootHost(sharedHosts[name])
  ownHosts.set(name, booting)
  return booting
}

const ownHosts = new Map<SharedHostName, Promise<EmulatedHost>>()

/** Written whole or not at all. Functions are not part of JSON: what is left is the address. */
async function save(file: SessionFile): Promise<void> {
  await mkdir(dirname(labPaths.session), { recursive: true })
  await writeFile(`${labPaths.session}.new`, JSON.stringify(file, undefined, 2))
  await rename(`${labPaths.session}.new`, labPaths.session)
}

async function readSession(): Promise<SessionFile | undefined> {
  if (!existsSync(labPaths.session)) return undefined
  const session = JSON.parse(await readFile(labPaths.session, 'utf8')) as SessionFile
  return existsSync(`/proc/${session.pid}`) ? session : undefined
}
