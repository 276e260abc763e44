import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { inheritedFds } from './inherited-fds.ts'

const open = (fd: number, target: string) => ({ fd, target })

describe('inheritedFds', () => {
  // As Node 24 on Linux 6.18 has them.
  const node = [
    open(3, 'anon_inode:[eventpoll]'),
    open(4, 'anon_inode:[io_uring]'),
    open(5, 'pipe:[100]'),
    open(6, 'pipe:[100]'),
    open(7, 'anon_inode:[eventfd]'),
    open(8, '/dev/null'),
  ]

  it("leaves out what is Node's", () => {
    assert.deepEqual(inheritedFds(node), [])
  })

  it('keeps stdio whatever it is, a tap, a file and a socket', () => {
    const given = [
      open(0, '/dev/null'),
      open(1, 'pipe:[7]'),
      open(2, 'pipe:[7]'),
      open(20, '/dev/net/tun'),
      open(21, 'socket:[9]'),
      open(22, '/var/lib/vm/disk.img'),
    ]
    assert.deepEqual(inheritedFds([...given, ...node]), [0, 1, 2, 20, 21, 22])
  })

  it('keeps one end of a pipe', () => {
    assert.deepEqual(inheritedFds([...node, open(10, 'pipe:[8]')]), [10])
  })
})
