import astro from 'eslint-plugin-astro';
import svelte from 'eslint-plugin-svelte';
import tseslint from 'typescript-eslint';

// Layout is Prettier's; types are the compilers' (npm run check). What is left for a linter are mistakes that neither sees.
export default tseslint.config(
  {
    ignores: [
      'dist/',
      '.astro/',
      'runs/',
      'public/',
      'src/engine/kernels/simd.as.ts',
      'src/engine/kernels/simd.wasm.ts',
    ],
  },
  ...tseslint.configs.recommended,
  ...svelte.configs.recommended,
  ...astro.configs.recommended,
  {
    files: ['**/*.svelte', '**/*.svelte.ts'],
    languageOptions: { parserOptions: { parser: tseslint.parser, extraFileExtensions: ['.svelte'] } },
  },
  {
    rules: {
      // The compiler's `noUncheckedIndexedAccess` makes `!` the way to say that an index is in range.
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/no-unused-expressions': ['error', { allowShortCircuit: true, allowTernary: true }],
      eqeqeq: 'error',
      // One name of a destructuring may be assigned to, as what a component binds is.
      'prefer-const': ['error', { destructuring: 'all' }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      'no-console': ['error', { allow: ['log', 'error'] }],
      // Pages build addresses themselves: the site is static, and has no router to resolve them.
      'svelte/no-navigation-without-resolve': 'off',
      // State is replaced whole ($state.raw), so a plain Set inside it is as good as a reactive one, and cheaper.
      'svelte/prefer-svelte-reactivity': 'off',
      // {' '} is how a space is kept at the end of a line.
      'svelte/no-useless-mustaches': 'off',
    },
  },
);
