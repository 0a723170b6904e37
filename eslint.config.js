import js from '@eslint/js'
import vue from 'eslint-plugin-vue'
import { defineConfig, globalIgnores } from 'eslint/config'
import tseslint from 'typescript-eslint'

const typed = {
  parser: tseslint.parser,
  projectService: true,
  tsconfigRootDir: import.meta.dirname,
  extraFileExtensions: ['.vue'],
}

export default defineConfig(
  globalIgnores(['out/**', 'coverage/**', 'test-results/**']),
  js.configs.recommended,
  { files: ['**/*.ts', '**/*.vue'], extends: [tseslint.configs.recommendedTypeChecked] },
  vue.configs['flat/essential'], // after it, for its parser; the rest of eslint-plugin-vue is layout, which is Prettier's
  {
    files: ['**/*.ts', '**/*.vue'],
    languageOptions: { parserOptions: typed },
    rules: {
      'no-undef': 'off', // the type checker knows better
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': ['error', { checksVoidReturn: { arguments: false } }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/ban-ts-comment': [
        'error',
        { 'ts-ignore': true, 'ts-expect-error': 'allow-with-description' },
      ],
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
    },
  },
  {
    files: ['**/*.{js,mjs,ts,vue}'],
    rules: {
      eqeqeq: ['error', 'always'],
      'no-eval': 'error',
      'no-implied-eval': 'error',
      'no-new-func': 'error',
    },
  },
  {
    files: ['**/*.{js,mjs}'],
    rules: { 'no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }] },
    languageOptions: {
      globals: Object.fromEntries(
        [
          'process',
          'console',
          'Buffer',
          'URL',
          'setTimeout',
          'clearTimeout',
          'setImmediate',
          'performance',
          'fetch',
        ].map((name) => [name, 'readonly']),
      ),
    },
  },
  {
    // CommonJS, which Node starts sooner.
    files: ['bin/*.js'],
    languageOptions: {
      sourceType: 'commonjs',
      globals: { require: 'readonly', module: 'writable', __dirname: 'readonly' },
    },
  },
  {
    // The double runs half in Node and half in the page it opens.
    files: ['test/double/*.mjs'],
    languageOptions: {
      globals: Object.fromEntries(['window', 'Request', 'Response', 'btoa', 'atob'].map((name) => [name, 'readonly'])),
    },
    rules: { 'no-new-func': 'off' },
  },
  {
    // The places that make code: from numbers and operators of the typed model, never from a file's text.
    files: ['main/simulator/model/compile.ts', 'main/simulator/model/generated.ts'],
    rules: { 'no-new-func': 'off', '@typescript-eslint/no-implied-eval': 'off' },
  },
  {
    // Types are checked by vue-tsc, here as everywhere; rules that ask for them again cost more than the rest of linting,
    // and find in tests of single functions what running those finds. The end-to-end tests keep them: a call to the page
    // that nobody awaits passes.
    files: ['{main,preload,renderer,scripts}/**/*.test.ts', 'test/**/*.ts'],
    ignores: ['test/e2e/**'],
    ...tseslint.configs.disableTypeChecked,
  },
  {
    // What is expected of a promise that nobody awaits is never looked at.
    files: ['**/*.test.ts'],
    rules: {
      'no-restricted-syntax': [
        'error',
        ...[
          'MemberExpression > MemberExpression[property.name=/^(resolves|rejects)$/]',
          'MemberExpression > MemberExpression > MemberExpression[property.name=/^(resolves|rejects)$/]',
          'MemberExpression > CallExpression > MemberExpression[object.name="expect"][property.name="poll"]',
          'CallExpression > MemberExpression[property.name="asyncProperty"]',
        ].map((what) => ({ selector: `ExpressionStatement > CallExpression > ${what}`, message: 'Await it.' })),
      ],
    },
  },
)
