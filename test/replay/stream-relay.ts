import { once } from 'node:events'
import { createServer as createHttpServer } from 'node:http'
import type { ServerResponse } from 'node:http'
import { createServer } from 'node:net'
import type { AddressInfo, Server, Socket } from 'node:net'

/** Ports of this machine: what is written to `source` is what a GET of `destination` answers. */
export type StreamRelay = { readonly source: number; readonly destination: number } & Disposable

const listening = async (server: Server): Promise<number> => {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}

const handOn = (source: Socket, destination: ServerResponse): void => {
  source.pipe(destination)
  // A destination that refuses the stream goes away: the source is read to its end all the same.
  destination.on('close', () => {
    source.unpipe(destination)
    source.resume()
  })
}

/** Hands one stream on. Hosts reach this machine, and not each other. */
export const startStreamRelay = async (): Promise<StreamRelay> => {
  const source = Promise.withResolvers<Socket>()
  const from = createServer((socket) => {
    socket.on('error', () => undefined)
    source.resolve(socket)
  })
  const to = createHttpServer((_, response) => {
    void source.promise.then((socket) => {
      handOn(socket, response)
    })
  })
  const ports = { source: await listening(from), destination: await listening(to) }
  return {
    ...ports,
    [Symbol.dispose]: () => {
      from.close()
      to.close()
    },
  }
}
