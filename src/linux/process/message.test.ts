import assert from 'node:assert/strict'
import { fstatSync, mkdtempSync, openSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { ERRNO } from '../abi/errno.ts'
import { closeFd } from './close.ffi.ts'
import { receiveMessage, sendMessage } from './message.ffi.ts'
import { acceptConnection, bindUnixSocket, connectUnixSocket, listenAt } from './unix-socket.ffi.ts'

describe('a message over a socket', () => {
  const folder = mkdtempSync(join(tmpdir(), 'message-'))
  const path = join(folder, 'socket')
  const listening = bindUnixSocket(path)
  listenAt(listening)
  const sending = connectUnixSocket(path)
  const receiving = acceptConnection(listening)
  after(() => {
    for (const fd of [listening, sending, receiving]) closeFd(fd)
    rmSync(folder, { recursive: true })
  })

  it('brings its bytes, and other fds of the same files', () => {
    const fd = openSync('/dev/null', 'r')
    assert.equal(sendMessage(sending, Buffer.from('two'), [fd, fd]), 3)
    const received = receiveMessage(receiving, 100)
    assert.ok(typeof received === 'object')
    assert.deepEqual([received.bytes.toString(), received.fds.length, received.isWhole], ['two', 2, true])
    for (const other of received.fds) {
      assert.notEqual(other, fd)
      assert.equal(fstatSync(other).ino, fstatSync(fd).ino)
      closeFd(other)
    }
    closeFd(fd)
  })

  it('is not waited for', () => {
    assert.equal(receiveMessage(receiving, 100), -ERRNO.EAGAIN)
    const much = Buffer.alloc(1 << 16)
    let sent = 0
    while (sent >= 0) sent = sendMessage(sending, much)
    assert.equal(sent, -ERRNO.EAGAIN)
  })

  it('that cannot be sent, or a socket that nobody serves, leaves no fd behind', () => {
    const count = (): number => readdirSync('/proc/self/fd').length
    const before = count()
    assert.equal(sendMessage(sending, Buffer.from('x'), [12345]), -ERRNO.EBADF)
    assert.equal(connectUnixSocket(join(folder, 'none')), -ERRNO.ENOENT)
    assert.equal(bindUnixSocket(path), -ERRNO.EADDRINUSE)
    assert.equal(count(), before)
  })
})
