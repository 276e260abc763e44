import { startProcess, type Process } from './process.ts'

/** A program that is started again whenever it ends by itself, as the kubelet does with a pod's. */
export type KeptRunning = Pick<Process, 'stop'> & {
  /** The process that runs now. */
  readonly current: () => Process
}

export const keepRunning = (command: readonly string[], logFile: string): KeptRunning => {
  let isStopped = false
  const start = (): Process => {
    const started = startProcess(command, logFile)
    const again = (): void => {
      if (!isStopped) running = start()
    }
    void started.exited.then(again, again)
    return started
  }
  let running = start()
  return {
    current: () => running,
    stop: async (graceMs) => {
      isStopped = true
      await running.stop(graceMs)
    },
  }
}
