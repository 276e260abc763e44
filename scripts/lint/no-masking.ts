import type { ParserServicesWithTypeInformation } from '@typescript-eslint/parser'
import type { Rule } from 'eslint'
import ts from 'typescript'

const BINARY = new Set(['&', '|', '^', '<<', '>>'])
const ASSIGNMENT = new Set([...BINARY].map((operator) => `${operator}=`))

const isBigint = (type: ts.Type): boolean =>
  type.isUnion() ? type.types.some(isBigint) : (type.flags & ts.TypeFlags.BigIntLike) !== 0

/** Reports a bit operation on a bigint: every 64-bit register value is one. */
export const noMasking: Rule.RuleModule = {
  meta: {
    type: 'problem',
    messages: {
      masking:
        "'{{operator}}' works on the bits of a register value. " +
        'Use an operation of src/arm64/bits.ts or field.ts, or level the register with src/plan/level.ts.',
    },
    schema: [],
  },
  create: (context) => {
    const services = context.sourceCode.parserServices as ParserServicesWithTypeInformation
    const check = (node: Rule.Node, operand: Rule.Node, operator: string): void => {
      if (isBigint(services.getTypeAtLocation(operand as never)))
        context.report({ node, messageId: 'masking', data: { operator } })
    }
    return {
      BinaryExpression: (node) => {
        if (BINARY.has(node.operator)) check(node, node.left as Rule.Node, node.operator)
      },
      AssignmentExpression: (node) => {
        if (ASSIGNMENT.has(node.operator)) check(node, node.left as Rule.Node, node.operator)
      },
      UnaryExpression: (node) => {
        if (node.operator === '~') check(node, node.argument as Rule.Node, node.operator)
      },
    }
  },
}
