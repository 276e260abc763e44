/** A sentence of a page, and the line on which its paragraph begins. */
export type Sentence = { readonly line: number; readonly text: string }

/** A paragraph, an item of a list, or a cell of a table. */
type Paragraph = Sentence

const ENDS = /(?<=[.!?][)`"*_]*)\s+(?=["`*_([]*[\dA-Z`/])/

/** What the help of a verb has beside paragraphs: none of it is made of sentences. */
const NOT_PROSE = /^(?:Usage|Options|Arguments|Commands|Examples|Exit codes):/

const cellsOf = (row: string): readonly string[] =>
  /^\|[ :|-]+$/.test(row) ? [] : row.split(/(?<!\\)\|/).slice(1, -1)

const FENCE = /^\s*```(\w*)/

/** The lines of a page that may have prose, each with its number: blocks of other kinds than `text` are commands and output. */
const proseOf = (page: string): readonly Paragraph[] => {
  let skips = false
  let isInBlock = false
  return page.split('\n').map((text, index) => {
    const fence = FENCE.exec(text)
    if (fence !== null) {
      isInBlock = !isInBlock
      skips = isInBlock && fence[1] !== 'text'
    }
    return { line: index + 1, text: skips || fence !== null ? '' : text }
  })
}

const ENDS_PARAGRAPH = /^\s*$|^#|^<!--/
const ITEM = /^\s*(?:[-*]|\d+\.)\s+/

const withLine = (last: Paragraph | undefined, { line, text }: Paragraph): Paragraph => {
  const part = text.replace(ITEM, '').trim()
  return last === undefined ? { line, text: part } : { line: last.line, text: `${last.text} ${part}` }
}

const paragraphsOf = (page: string): readonly Paragraph[] => {
  const found: Paragraph[] = []
  let isOpen = false
  for (const { line, text } of proseOf(page)) {
    const isRow = text.startsWith('|')
    if (isRow) found.push(...cellsOf(text).map((cell) => ({ line, text: cell })))
    const goesOn = isOpen && !ITEM.test(text)
    isOpen = !isRow && !ENDS_PARAGRAPH.test(text)
    if (isOpen) found.push(withLine(goesOn ? found.pop() : undefined, { line, text }))
  }
  return found.filter(({ text }) => !NOT_PROSE.test(text))
}

/** The sentences of a page in Markdown. */
export const sentencesOf = (page: string): readonly Sentence[] =>
  paragraphsOf(page).flatMap(({ line, text }) =>
    text.split(ENDS).map((sentence) => ({ line, text: sentence.trim() })),
  )

/** How many words a sentence has; a dash or an arrow is none. */
export const wordsIn = (sentence: string): number =>
  sentence.split(/\s+/).filter((word) => /[\p{L}\p{N}]/u.test(word)).length
