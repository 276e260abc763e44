import { StringDecoder } from 'node:string_decoder'

/** One line of a watch. An ERROR carries a `Status`, a BOOKMARK an object with nothing but a resourceVersion. */
export type WatchEvent<T> = {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR'
  readonly object: T
}

/** Splits a watch's body into its events: one JSON document a line, lines and characters cut anywhere. */
export async function* watchEvents<T>(body: AsyncIterable<Buffer>): AsyncGenerator<WatchEvent<T>> {
  const decoder = new StringDecoder('utf8')
  let pending: string[] = []
  for await (const chunk of body) {
    const lines = decoder.write(chunk).split('\n')
    for (const line of lines.slice(0, -1)) {
      const whole = pending.length === 0 ? line : pending.join('') + line
      pending = []
      if (whole.trim() !== '') yield JSON.parse(whole) as WatchEvent<T>
    }
    pending.push(lines.at(-1) ?? '')
  }
}
