import js from '@eslint/js';
import tseslint from 'typescript-eslint';

/** What a folder may not import, with the reason shown to who tries. */
const border = (files, group, message) => ({
  files,
  rules: { 'no-restricted-imports': ['error', { patterns: [{ group, message }, processModule] }] },
});
const processModule = {
  regex: '^(node:)?process$',
  message: 'process.* belongs in main.ts alone; pass what you need.',
};
/** The folders of the sidecar along its data flow, from its end to its begin: each imports only those that follow it. */
const sidecarFolders = ['sync', 'notification', 'download', 'http', 'files', 'projection', 'source', 'health'];
const sidecarBorders = sidecarFolders.map((folder, at) =>
  border(
    [`sidecar/${folder}/**/*.ts`],
    ['**/webhook/**', '**/test/**', '**/scripts/**', ...sidecarFolders.slice(0, at).map((above) => `**/${above}/**`)],
    'sidecar imports shared and, along its data flow, itself (docs/architecture.md).',
  ),
);
/** A folder that imports, of what lies outside of it, only what these begin its paths with. */
const enclosed = (folder, imported) => ({
  files: [`${folder}/**/*.ts`],
  rules: {
    'no-restricted-imports': [
      'error',
      {
        patterns: [
          {
            regex: `^\\.\\./(?!${imported.map((path) => path.replaceAll('.', '\\.')).join('|')})`,
            message: `${folder} imports, beside itself, ${imported.join(' and ')}.`,
          },
          processModule,
        ],
      },
    ],
  },
});
const programs = ['webhook/**/*.ts', 'sidecar/**/*.ts', 'shared/**/*.ts'];

export default tseslint.config(
  { ignores: ['node_modules', 'dist', 'coverage'] },
  js.configs.recommended,
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.recommendedTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/require-await': 'off',
      'max-params': ['error', 3],
      'max-depth': ['error', 3],
      complexity: ['error', 10],
      eqeqeq: 'error',
      'max-lines': ['error', { max: 250, skipBlankLines: true, skipComments: true }],
      'max-lines-per-function': ['error', { max: 40, skipBlankLines: true, skipComments: true }],
      'no-restricted-exports': ['error', { restrictDefaultExports: { direct: true } }],
      'no-restricted-syntax': ['error', { selector: 'TSEnumDeclaration', message: 'Use a union of literals.' }],
    },
  },
  {
    files: programs,
    ignores: ['**/main.ts', '**/*.test.ts'],
    rules: {
      'no-restricted-globals': ['error', { name: 'process', message: processModule.message }],
    },
  },
  border(['webhook/**/*.ts'], ['**/sidecar/**', '**/test/**', '**/scripts/**'], 'webhook imports itself and shared.'),
  enclosed('webhook/tls', ['../shared/', 'settings.ts']),
  enclosed('webhook/configuration', ['../shared/', 'policy/', 'pod-settings.ts']),
  border(['sidecar/**/*.ts'], ['**/webhook/**', '**/test/**', '**/scripts/**'], 'sidecar imports itself and shared.'),
  ...sidecarBorders,
  border(
    ['shared/**/*.ts'],
    ['**/webhook/**', '**/sidecar/**', '**/test/**', '**/scripts/**'],
    'shared imports neither program.',
  ),
  {
    // A test reads as a specification: its describe blocks may be long, and its imports may cross borders.
    files: ['**/*.test.ts', 'test/**/*.ts'],
    rules: {
      'max-lines-per-function': 'off',
      'no-restricted-imports': 'off',
      'max-lines': ['error', 500],
    },
  },
  {
    files: ['**/*.{js,mjs}'],
    languageOptions: { globals: { process: 'readonly', console: 'readonly', URL: 'readonly' } },
  },
  { files: ['*.config.js', 'test/*/global-*.ts'], rules: { 'no-restricted-exports': 'off' } },
);
