/** The width of our output: that of the terminal, or 100 for a pipe or a file. */
export const outputWidth = (): number => (process.stdout.isTTY ? Math.max(60, process.stdout.columns) : 100)

const GAP = 2
const LEAST = 10

const chunks = (word: string, width: number): readonly string[] => {
  const parts: string[] = []
  for (let at = 0; at < word.length; at += width) parts.push(word.slice(at, at + width))
  return parts
}

/** `text` in lines of at most `width`, broken at spaces; a word longer than a line is broken too. */
export const wrapText = (text: string, width: number): readonly string[] => {
  const words = text.split(' ').flatMap((word) => (word.length > width ? chunks(word, width) : [word]))
  const lines = words.reduce<string[]>((all, word) => {
    const last = all.at(-1)
    return last === undefined || last.length + 1 + word.length > width
      ? [...all, word]
      : [...all.slice(0, -1), `${last} ${word}`]
  }, [])
  return lines
}

const longest = (cells: readonly string[]): number => Math.max(0, ...cells.map((cell) => cell.length))

/** Narrows the widest column until all columns fit. */
const fitted = (widths: readonly number[], width: number): readonly number[] => {
  const room = width - GAP * (widths.length - 1)
  const now = [...widths]
  for (let sum = now.reduce((a, b) => a + b, 0); sum > room; sum -= 1) {
    const widest = Math.max(...now)
    if (widest <= LEAST) break
    now[now.indexOf(widest)] = widest - 1
  }
  return now
}

const renderRow = (cells: readonly string[], widths: readonly number[]): readonly string[] => {
  const wrapped = cells.map((cell, index) => wrapText(cell, widths[index] ?? LEAST))
  const height = Math.max(...wrapped.map((lines) => lines.length))
  return Array.from({ length: height }, (_, line) =>
    wrapped
      .map((lines, column) => (lines[line] ?? '').padEnd(widths[column] ?? 0))
      .join(' '.repeat(GAP))
      .trimEnd(),
  )
}

/** A table of text. It wraps cells so that no line is wider than `width`, if the number of columns allows that. */
export const renderTable = (
  header: readonly string[],
  rows: readonly (readonly string[])[],
  width: number = outputWidth(),
): readonly string[] => {
  const natural = header.map((title, column) => longest([title, ...rows.map((row) => row[column] ?? '')]))
  const widths = fitted(natural, width)
  return [header, ...rows].flatMap((row) => renderRow(row, widths))
}

/** `text` as a paragraph, each line after the first indented below `mark`: `- like this`. */
export const renderItem = (mark: string, text: string, width: number = outputWidth()): readonly string[] =>
  wrapText(text, Math.max(LEAST, width - mark.length)).map(
    (line, index) => (index === 0 ? mark : ' '.repeat(mark.length)) + line,
  )
