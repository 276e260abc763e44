import { FactsProblem } from './facts-problem.ts'
import type { Condition } from '../../src/arm64/condition.ts'

/** A condition, with the atoms that no guest view can answer: architecture versions such as v8Ap4. */
export type ParsedCondition = Condition | { readonly kind: 'version'; readonly name: string } | ParsedTree

type ParsedTree =
  | { readonly kind: 'not'; readonly of: ParsedCondition }
  | { readonly kind: 'all' | 'any'; readonly of: readonly ParsedCondition[] }

/** `given --> needs`, or a plain condition (then `needs` is undefined). */
export type ParsedConstraint = {
  readonly given: ParsedCondition
  readonly needs: ParsedCondition | undefined
}

const TOKEN = /\s*(-->|&&|\|\||>=|==|<|!|\(|\)|\{|\}|,|'[01]+'|[A-Za-z_][\w.]*|\d+)/y

const tokenize = (text: string): string[] => {
  const tokens: string[] = []
  TOKEN.lastIndex = 0
  while (TOKEN.lastIndex < text.trimEnd().length) {
    const match = TOKEN.exec(text)
    if (match?.[1] === undefined)
      throw new FactsProblem(
        `facts: cannot read the condition ${text}; facts/README.md says how conditions are written`,
      )
    tokens.push(match[1])
  }
  return tokens
}

/** Reads the expression language of Arm's constraints: `-->`, `||`, `&&`, `!`, `UInt(REG.FIELD) >= n`, `REG.FIELD IN {'10'}`, names. */
class ConditionParser {
  readonly #text: string
  readonly #tokens: string[]

  constructor(text: string) {
    this.#text = text
    this.#tokens = tokenize(text)
  }

  constraint(): ParsedConstraint {
    const given = this.#any()
    if (this.#tokens[0] !== '-->') return { given, needs: undefined }
    this.#take('-->')
    return { given, needs: this.#any() }
  }

  isAtEnd(): boolean {
    return this.#tokens.length === 0
  }

  #take(expected?: string): string {
    const token = this.#tokens.shift()
    if (token === undefined || (expected !== undefined && token !== expected)) {
      throw new FactsProblem(
        `facts: ${expected ?? 'more'} is missing before ${token ?? 'the end'} in the condition ${this.#text}`,
      )
    }
    return token
  }

  #list(operator: '||' | '&&', part: () => ParsedCondition): readonly ParsedCondition[] {
    const parts = [part()]
    while (this.#tokens[0] === operator) {
      this.#take(operator)
      parts.push(part())
    }
    return parts
  }

  #any(): ParsedCondition {
    const [first, ...others] = this.#list('||', () => this.#all())
    if (first === undefined || others.length > 0) return { kind: 'any', of: first ? [first, ...others] : [] }
    return first
  }

  #all(): ParsedCondition {
    const [first, ...others] = this.#list('&&', () => this.#atom())
    if (first === undefined || others.length > 0) return { kind: 'all', of: first ? [first, ...others] : [] }
    return first
  }

  #atom(): ParsedCondition {
    const token = this.#take()
    if (token === '!') return { kind: 'not', of: this.#atom() }
    if (token === '(') return this.#parenthesis()
    if (token === 'UInt' || token === 'SInt') return this.#comparison(token === 'SInt')
    if (token.startsWith('FEAT_')) return { kind: 'feature', name: token }
    if (/^v[89]Ap\d$/.test(token)) return { kind: 'version', name: token }
    return this.#membership(token)
  }

  #parenthesis(): ParsedCondition {
    const { given, needs } = this.constraint()
    this.#take(')')
    return needs === undefined ? given : { kind: 'any', of: [{ kind: 'not', of: given }, needs] }
  }

  #comparison(signed: boolean): Condition {
    this.#take('(')
    const [register = '', field = ''] = this.#take().split('.')
    this.#take(')')
    const operator = this.#take()
    const kind = operator === '>=' ? 'atLeast' : operator === '<' ? 'below' : 'equals'
    return { kind, register, field, value: Number(this.#take()), signed }
  }

  #membership(operand: string): Condition {
    const [register = '', field = ''] = operand.split('.')
    this.#take('IN')
    this.#take('{')
    const of: Condition[] = []
    for (let token = this.#take(); token !== '}'; token = this.#take()) {
      if (token !== ',')
        of.push({ kind: 'equals', register, field, value: parseInt(token.slice(1, -1), 2), signed: false })
    }
    return { kind: 'any', of }
  }
}

/** Reads a constraint; the outermost implication is taken apart. Throws on what it cannot read. */
export const parseConstraint = (text: string): ParsedConstraint => {
  const stripped = /^\((.*-->.*)\)\s*$/.exec(text.trim())?.[1] ?? text
  const parser = new ConditionParser(stripped)
  const result = parser.constraint()
  if (!parser.isAtEnd())
    throw new FactsProblem(`facts/feat_deps.tsv: cannot read all of the constraint ${text}`)
  return result
}

/** Reads a plain condition. Throws on what it cannot read. */
export const parseCondition = (text: string): ParsedCondition => parseConstraint(text).given

/** An alternative that names a version drops out of an `any`; an `all` with one is undecidable as a whole. */
const withoutVersionsOfTree = (
  kind: 'all' | 'any',
  of: readonly ParsedCondition[],
): Condition | undefined => {
  const parts = of.map(withoutVersions)
  const decidable = parts.filter((part) => part !== undefined)
  if (kind === 'all' && decidable.length < parts.length) return undefined
  return decidable.length > 1 ? { kind, of: decidable } : decidable[0]
}

/** The condition with every alternative dropped that names an architecture version; undefined if nothing is left. */
export const withoutVersions = (condition: ParsedCondition): Condition | undefined => {
  switch (condition.kind) {
    case 'version':
      return undefined
    case 'not': {
      const of = withoutVersions(condition.of)
      return of && { kind: 'not', of }
    }
    case 'all':
    case 'any':
      return withoutVersionsOfTree(condition.kind, condition.of)
    case 'feature':
    case 'atLeast':
    case 'equals':
    case 'below':
      return condition
    default:
      return condition satisfies never
  }
}
