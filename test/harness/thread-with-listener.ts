import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { isZombie } from '../../src/launch/act/process-facts.ts'
import { eventually } from './eventually.ts'

const PROGRAM = fileURLToPath(new URL('../fixtures/thread-with-listener.ts', import.meta.url))

/** A process of which a later thread has a listener; it is killed when this is disposed of. */
export type ThreadWithListener = AsyncDisposable & {
  readonly pid: number
  readonly tid: number
  readonly listenerFd: number
}

/** `leader-exits`: the first thread of the process has ended. `own-table`: the later thread has a file table of its own. */
export const threadWithListener = async (
  habit: 'leader-exits' | 'own-table',
): Promise<ThreadWithListener> => {
  const child = spawn(process.execPath, [PROGRAM, habit], { stdio: ['ignore', 'pipe', 'inherit'] })
  const exited = once(child, 'exit')
  const pid = child.pid ?? 0
  const [text] = (await once(child.stdout, 'data')) as [Buffer]
  const [listenerFd = -1, tid = -1] = String(text).split(' ').map(Number)
  if (habit === 'leader-exits')
    await eventually('the first thread to have ended', () => Promise.resolve(isZombie(pid) || undefined))
  return {
    pid,
    tid,
    listenerFd,
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGKILL')
      await exited
    },
  }
}
