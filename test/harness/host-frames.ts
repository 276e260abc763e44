/**
 * The wire between a test and the agent in an emulated host. One TCP connection is one command: a start frame,
 * input frames, and back its output and its end. A frame is one letter, its length (32 bits, big-endian), payload.
 * Closing the connection kills the command and its whole process group.
 */
export type FrameKind =
  /** JSON, {@link StartFrame} */
  | 'S'
  /** input; an empty one is its end */
  | 'I'
  /** a signal's name for the process group */
  | 'K'
  /** standard output */
  | 'O'
  /** standard error */
  | 'E'
  /** exit code, decimal */
  | 'X'

export type StartFrame = {
  command: readonly string[]
  env: Record<string, string>
}

export type Frame = {
  kind: FrameKind
  payload: Buffer
}

export const encodeFrame = (kind: FrameKind, payload: string | Buffer = ''): Buffer => {
  const body = Buffer.from(payload)
  const head = Buffer.alloc(5)
  head.write(kind, 0, 'latin1')
  head.writeUInt32BE(body.length, 1)
  return Buffer.concat([head, body])
}

/** Returns a function that takes bytes as they come and calls `use` for each whole frame. */
export const frameReader = (use: (frame: Frame) => void): ((chunk: Buffer) => void) => {
  let rest = Buffer.alloc(0)
  return (chunk) => {
    rest = Buffer.concat([rest, chunk])
    while (rest.length >= 5 && rest.length >= 5 + rest.readUInt32BE(1)) {
      const end = 5 + rest.readUInt32BE(1)
      use({ kind: rest.toString('latin1', 0, 1) as FrameKind, payload: rest.subarray(5, end) })
      rest = rest.subarray(end)
    }
  }
}
