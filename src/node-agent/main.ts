import { EventRecorder } from '../kube/event-recorder.ts'
import { createKubeClient } from '../kube/create-kube-client.ts'
import { CpuFeaturesError } from '../observability/cpu-features-error.ts'
import { HttpServer } from '../observability/http-server.ts'
import { createLogger, type Logger } from '../observability/logger.ts'
import { Metrics } from '../observability/metrics.ts'
import { systemClock } from '../runtime/clock.ts'
import { clusterLocation } from '../runtime/cluster-location.ts'
import { runLifecycle, type LifecycleEnd } from '../runtime/lifecycle.ts'
import { stopSignal } from '../runtime/stop-signal.ts'
import { nodeAgentOptions, type NodeAgentOptions } from './node-agent-options.ts'
import { tasks } from './tasks.ts'
import { VERSION } from '../runtime/version.ts'

const FIELD_MANAGER = 'cpufeatures-node-agent'
const EVENT_CONTROLLER = 'cpufeatures.dev/node-agent'

/** The binary `node-agent`. `argv` without node, bundle and verb; resolves with the exit code. */
export const runNodeAgent = async (argv: readonly string[]): Promise<number> => {
  const read = nodeAgentOptions(argv)
  switch (read.kind) {
    case 'help':
      process.stdout.write(`Usage: cpufeatures node-agent [options]\n\n${read.text}`)
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

const run = async (options: NodeAgentOptions): Promise<number> => {
  const log = createLogger({ level: options.logLevel, component: 'node-agent' })
  try {
    return exitCode(await serve(options, log))
  } catch (cause) {
    const error =
      cause instanceof CpuFeaturesError
        ? cause
        : new CpuFeaturesError('CLUSTER_ACCESS', { step: 'start', cause })
    log.error({ err: error, remedy: error.remedy }, error.message)
    return error.exitCode
  }
}

const serve = async (options: NodeAgentOptions, log: Logger): Promise<LifecycleEnd> => {
  const client = await createKubeClient({
    ...clusterLocation(options.kubeconfig),
    clock: systemClock,
    fieldManager: FIELD_MANAGER,
    userAgent: `${FIELD_MANAGER}/${VERSION}`,
  })
  const metrics = new Metrics({ version: VERSION, component: 'node-agent' })
  const { nodeName, podName, podNamespace = client.namespace, runFolder, stateFolder, kubeletRoot } = options
  const pod = podName === undefined ? undefined : { name: podName, namespace: podNamespace }
  const clock = systemClock
  const events = new EventRecorder({
    ...{ client, clock, log, controller: EVENT_CONTROLLER, instance: podName ?? nodeName },
    observe: (result) => {
      metrics.increment('cpufeatures_events_total', { result })
    },
  })
  const context = { client, clock, events, log, metrics, nodeName }
  if (pod === undefined)
    log.info(
      {},
      'no pod of its own (POD_NAME): the agent reports its node, and applies profiles to no containers',
    )
  const stop = stopSignal()
  const restart = (): void => {
    stop.stop('restart')
  }
  const running = tasks(context, pod && { pod, runFolder, stateFolder, kubeletRoot, restart })
  const notReady = (): readonly string[] => running.flatMap((task) => task.notReady())
  const http = new HttpServer({ address: options.metricsAddress, metrics, notReady })
  const listening = {
    name: 'http server',
    start: async () => {
      log.info({ server: client.server, port: await http.start() }, 'serving health and metrics')
    },
    stop: () => http.stop(),
  }
  const parts = [
    listening,
    ...running.map((task) => ({ name: task.name, start: () => task.start(), stop: () => task.stop() })),
  ]
  const end = await runLifecycle({ parts, clock, log }, stop.signal)
  await events.flush()
  client.close()
  return end
}

const exitCode = (end: LifecycleEnd): number => {
  if (end.kind === 'start-failed') return end.error instanceof CpuFeaturesError ? end.error.exitCode : 1
  return end.kind === 'stopped' ? 0 : 1
}
