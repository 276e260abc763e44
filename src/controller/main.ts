import { createKubeClient } from '../kube/create-kube-client.ts'
import type { KubeClient } from '../kube/kube-client.ts'
import { CpuFeaturesError } from '../observability/cpu-features-error.ts'
import { HttpServer } from '../observability/http-server.ts'
import { createLogger, type Logger } from '../observability/logger.ts'
import { Metrics } from '../observability/metrics.ts'
import { systemClock } from '../runtime/clock.ts'
import { clusterLocation } from '../runtime/cluster-location.ts'
import { runLifecycle, type LifecycleEnd, type Part } from '../runtime/lifecycle.ts'
import { stopSignal } from '../runtime/stop-signal.ts'
import { controllerOptions, type ControllerOptions } from './controller-options.ts'
import { Controller } from './controller.ts'
import { VERSION } from '../runtime/version.ts'

const FIELD_MANAGER = 'cpufeatures-controller'

/** The binary `controller`. `argv` without node, bundle and verb; resolves with the exit code. */
export const runController = async (argv: readonly string[]): Promise<number> => {
  const read = controllerOptions(argv)
  switch (read.kind) {
    case 'help':
      process.stdout.write(`Usage: cpufeatures controller [options]\n\n${read.text}`)
      return 0
    case 'invalid':
      process.stderr.write(`error: ${read.text}\n`)
      return 2
    case 'options':
      return run(read.values)
    default:
      return read satisfies never
  }
}

const run = async (options: ControllerOptions): Promise<number> => {
  const log = createLogger({ level: options.logLevel, component: 'controller' })
  try {
    const location = clusterLocation(options.kubeconfig)
    const client = await createKubeClient({
      ...location,
      clock: systemClock,
      fieldManager: FIELD_MANAGER,
      userAgent: `${FIELD_MANAGER}/${VERSION}`,
    })
    return await serve(options, client, log)
  } catch (cause) {
    const error =
      cause instanceof CpuFeaturesError
        ? cause
        : new CpuFeaturesError('CLUSTER_ACCESS', { step: 'start', cause })
    log.error({ err: error, remedy: error.remedy }, error.message)
    return error.exitCode
  }
}

const serve = async (options: ControllerOptions, client: KubeClient, log: Logger): Promise<number> => {
  const metrics = new Metrics({ version: VERSION, component: 'controller' })
  const { signal, stop } = stopSignal()
  let lost = false
  const controller = new Controller({
    ...{ client, clock: systemClock, log, metrics, signal, identity: options.identity },
    namespace: options.namespace,
    leaderElect: options.leaderElect,
    onLost: () => {
      lost = true
      stop('leadership lost')
    },
  })
  const http = new HttpServer({
    address: options.metricsAddress,
    metrics,
    notReady: () => controller.notReady(),
  })
  const listening: Part = {
    name: 'http server',
    start: async () => {
      log.info({ server: client.server, port: await http.start() }, 'serving health and metrics')
    },
    stop: () => http.stop(),
  }
  const end = await runLifecycle(
    { parts: [listening, ...controller.parts()], clock: systemClock, log },
    signal,
  )
  client.close()
  return exitCode(end, lost)
}

/** Losing the lease is a failure: the process must be restarted as a candidate. */
const exitCode = (end: LifecycleEnd, lost: boolean): number => {
  if (end.kind === 'start-failed') return end.error instanceof CpuFeaturesError ? end.error.exitCode : 1
  return lost || end.kind === 'stop-failed' ? 1 : 0
}
