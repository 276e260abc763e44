import { readdirSync, readlinkSync } from 'node:fs'

/** An open fd, as /proc/self/fd shows it. */
export type OpenFd = { readonly fd: number; readonly target: string }

/** The fds of this process at this moment. */
export const openFds = (): OpenFd[] =>
  readdirSync('/proc/self/fd').flatMap((name) => {
    try {
      return [{ fd: Number(name), target: readlinkSync(`/proc/self/fd/${name}`) }]
    } catch {
      // The folder's own fd, closed by now.
      return []
    }
  })

const isOfNode = ({ target }: OpenFd, all: readonly OpenFd[]): boolean => {
  if (/^anon_inode:\[?(eventpoll|eventfd|io_uring)\]?$/.test(target)) return true
  // Node keeps one open, to put in the place of a closed stdio fd.
  if (target === '/dev/null') return true
  // libuv talks to itself through pipes whose ends are both here.
  return target.startsWith('pipe:') && all.filter((other) => other.target === target).length === 2
}

/**
 * Which fds came from whoever started us, to be taken before we open any: Node marks every inherited fd close-on-exec when it starts
 * (uv_disable_stdio_inheritance), and the VMM is to have them (stdio, taps and sockets by number). What cannot be told
 * from Node's own does not reach the VMM: an epoll, event or io_uring fd, /dev/null, both ends of one pipe.
 */
export const inheritedFds = (all: readonly OpenFd[]): number[] =>
  all.filter((one) => one.fd <= 2 || !isOfNode(one, all)).map(({ fd }) => fd)
