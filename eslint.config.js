import js from '@eslint/js'
import { defineConfig, globalIgnores } from 'eslint/config'
import tseslint from 'typescript-eslint'
import { noMasking } from './scripts/lint/no-masking.ts'

// Data written out in place: no member of it is a function.
const LITERAL =
  ':matches(Literal, TemplateLiteral[expressions.length=0], ArrayExpression, ObjectExpression, TSAsExpression, TSSatisfiesExpression)' +
  ':not(:has(:function)):not(:has(CallExpression))'

export default defineConfig([
  globalIgnores(['eslint.config.js', 'dist/', '.lab/', 'node_modules/', '**/*.generated.ts']),
  js.configs.recommended,
  ...tseslint.configs.strictTypeChecked,
  {
    files: ['**/*.ts'],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      complexity: ['error', 10],
      'max-depth': ['error', 3],
      'max-params': ['error', 4],
      'max-lines': ['error', { max: 400 }],
      eqeqeq: 'error',
      'no-restricted-syntax': [
        'error',
        {
          selector:
            "ImportDeclaration[source.value='zod'] > ImportSpecifier, MemberExpression[object.name='z'][property.name=/^(core|locales)$/]",
          message:
            'Write `import * as z` and no z.core: else a bundle keeps all of zod, its messages in fifty languages too.',
        },
        {
          selector: 'FunctionDeclaration[generator=false]:not([returnType.typeAnnotation.asserts=true])',
          message:
            'Write a function as a constant: `const name = () => ...`. Only generators and assertions are declared.',
        },
        ...['Program > VariableDeclaration', 'Program > ExportNamedDeclaration > VariableDeclaration'].map(
          (place) => ({
            selector: `${place}[kind='const'] > VariableDeclarator[id.name=/[a-z]/] > ${LITERAL}.init`,
            message:
              "A module's constant that is written out as data is UPPER_CASE. What is computed, does something or is a schema is camelCase.",
          }),
        ),
      ],
      'arrow-body-style': 'error',
      '@typescript-eslint/consistent-type-definitions': ['error', 'type'],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
      '@typescript-eslint/no-floating-promises': [
        'error',
        {
          allowForKnownSafeCalls: [
            { from: 'package', name: ['it', 'test', 'describe', 'suite'], package: 'node:test' },
          ],
        },
      ],
    },
  },
  {
    // Tests work out for themselves what they expect.
    files: ['src/**/*.ts', 'scripts/**/*.ts'],
    ignores: ['src/{arm64,plan,linux}/**', '**/*.test.ts'],
    plugins: { registers: { rules: { 'no-masking': noMasking } } },
    rules: { 'registers/no-masking': 'error' },
  },
])
