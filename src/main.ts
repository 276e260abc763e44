import './runtime/stdio-at-start.ts'

/** The bundle's entry: picks the binary. Each is loaded only when it is asked for, so that `run` starts fast. */
const start = async (binary: string | undefined): Promise<number> => {
  switch (binary) {
    case 'controller': {
      const { runController } = await import('./controller/main.ts')
      return runController(process.argv.slice(3))
    }
    case 'node-agent': {
      const { runNodeAgent } = await import('./node-agent/main.ts')
      return runNodeAgent(process.argv.slice(3))
    }
    case undefined:
    default: {
      const { runCli } = await import('./cli/main.ts')
      return runCli(process.argv)
    }
  }
}

/** Of Node, which the bundle is built for. */
const OLDEST_NODE = 24

const { node } = process.versions
if (Number.parseInt(node) < OLDEST_NODE) {
  process.stderr.write(`cpufeatures: this is Node ${node}, and Node ${OLDEST_NODE} or later is needed\n`)
  process.exitCode = 1
} else process.exitCode = await start(process.argv[2])
