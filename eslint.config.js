import { defineConfig } from 'eslint/config'
import tseslint from 'typescript-eslint'
import { pureFiles } from './scripts/eslint/layers.mjs'
import { train } from './scripts/eslint/plugin.mjs'

const tests = ['**/test/**', '**/*.test.ts', 'packages/testkit/test/**']

export default defineConfig(
  { ignores: ['**/dist/', '**/node_modules/', 'coverage/', 'tmp/', '**/fixtures/'] },
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  ...tseslint.configs.strictTypeChecked,
  {
    files: ['**/*.ts', '**/*.mjs', '**/*.js'],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    plugins: { train },
    rules: {
      'train/arrows': 'error',
      'train/no-cycle': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/consistent-type-imports': ['error', { disallowTypeAnnotations: false }],
      '@typescript-eslint/consistent-type-assertions': ['error', { assertionStyle: 'as' }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_', caughtErrors: 'none' }],
      'no-restricted-syntax': ['error', { selector: 'TSEnumDeclaration', message: 'No enum: a union of strings says the same and needs no code.' }],
      'no-console': 'off',
      eqeqeq: 'error',
      'prefer-const': 'error',
      'max-len': ['error', { code: 160, ignoreUrls: true, ignoreStrings: true, ignoreTemplateLiterals: true, ignoreRegExpLiterals: true }],

      // Noise: right in most code that they flag here.
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/no-confusing-void-expression': 'off',
      '@typescript-eslint/no-unnecessary-condition': 'off',
      '@typescript-eslint/use-unknown-in-catch-callback-variable': 'off',
      '@typescript-eslint/no-meaningless-void-operator': 'off',
      // There are no enums.
      '@typescript-eslint/no-unsafe-enum-assignment': 'off',
      '@typescript-eslint/no-unsafe-enum-comparison': 'off',
      '@typescript-eslint/no-misused-spread': ['error', { allow: ['string'] }],
      // The seam is written with method syntax, and its objects are closures that know no `this`.
      '@typescript-eslint/unbound-method': 'off',
      // train/reasoned-as asks for the reason instead.
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/no-invalid-void-type': 'off',
      '@typescript-eslint/no-unnecessary-type-parameters': 'off',
      '@typescript-eslint/unified-signatures': 'off',
      // A generator or a driver's method is async by its contract.
      '@typescript-eslint/require-await': 'off',
      // Abort reasons and causes are whatever the caller gave.
      '@typescript-eslint/prefer-promise-reject-errors': 'off',
      '@typescript-eslint/only-throw-error': ['error', { allowThrowingAny: true, allowThrowingUnknown: true }],
    },
  },
  {
    files: ['packages/*/src/**/*.ts', 'packages/*/emulator/**/*.ts'],
    rules: {
      'train/reasoned-as': 'error',
      'max-lines': ['error', { max: 300 }],
      'no-console': 'error',
    },
  },
  { files: ['examples/**/*.ts'], rules: { 'train/reasoned-as': 'error' } },
  { files: pureFiles, rules: { 'train/pure': 'error' } },
  {
    files: tests,
    rules: {
      'train/no-sleep': 'error',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-empty-function': 'off',
    },
  },
  {
    files: ['**/*.mjs', '*.js'],
    rules: { '@typescript-eslint/no-unsafe-assignment': 'off' },
  },
)
