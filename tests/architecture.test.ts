import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { describe, expect, test } from 'vitest';

const src = resolve(import.meta.dirname, '../src');

/** Whom a folder of src may import, besides itself. The direction is engine <- state <- figures <- pages; the calculator stands beside the engine. */
const allowed: Record<string, string[]> = {
  engine: [],
  calculator: [],
  catalog: ['engine'],
  training: ['engine'],
  state: ['engine', 'calculator'],
  figures: ['state', 'engine', 'calculator', 'catalog', 'helpers'],
  pictures: ['engine'],
  offline: [],
  build: ['state'],
  helpers: ['state', 'engine', 'catalog'],
  components: ['figures', 'state', 'engine', 'catalog', 'helpers', 'styles'],
  layouts: ['components', 'figures', 'state', 'engine', 'catalog', 'helpers', 'styles'],
  pages: [
    'layouts',
    'components',
    'figures',
    'pictures',
    'state',
    'engine',
    'calculator',
    'catalog',
    'helpers',
    'styles',
  ],
  cli: ['training', 'catalog', 'state', 'engine'],
};

const code = readdirSync(src, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile() && /\.(ts|svelte|astro)$/.test(entry.name) && !entry.name.endsWith('.as.ts'))
  .map((entry) => join(entry.parentPath, entry.name));

const name = (file: string) => relative(src, file).split(sep).join('/');

/** The part of src that a file belongs to. The plain TypeScript among the components is for figures too. */
const partOf = (file: string) =>
  /^components\/[^/]*\.ts$/.test(name(file)) ? 'helpers' : (name(file).split('/')[0] ?? '');

const withoutComments = (text: string) =>
  text.replace(/\/\*[\s\S]*?\*\/|<!--[\s\S]*?-->/g, '').replace(/(^|\s)\/\/.*$/gm, '$1');
const source = (file: string) => withoutComments(readFileSync(file, 'utf8'));
const imports = (file: string) =>
  [...source(file).matchAll(/(?:\bfrom|\bimport|\bimport\()\s*['"]([^'"]+)['"]/g)].map(([, from = '']) => from);

describe('imports go one way', () => {
  test.for(code.filter((file) => partOf(file) in allowed).map(name))('%s', (file) => {
    const path = join(src, file);
    const parts = imports(path)
      .filter((from) => from.startsWith('.'))
      .map((from) => resolve(dirname(path), from))
      .filter((target) => target.startsWith(src + sep));
    const strangers = parts.filter(
      (target) => partOf(target) !== partOf(path) && !allowed[partOf(path)]?.includes(partOf(target)),
    );
    expect(strangers.map(name)).toEqual([]);
  });
});

// simd.as.ts is AssemblyScript, and build.ts compiles it; neither is part of what runs.
describe('the engine is pure', () => {
  const engine = code.filter((file) => partOf(file) === 'engine' && name(file) !== 'engine/kernels/build.ts');

  test.for(engine.map(name))('%s', (file) => {
    const path = join(src, file);
    expect(
      imports(path).filter((from) => !from.startsWith('.')),
      'imports from packages',
    ).toEqual([]);
    const impure =
      /\b(?:document|window|navigator|localStorage|fetch|setTimeout|setInterval|requestAnimationFrame|performance|Date|process|Buffer)\s*[.(]|\bMath\.random\b|\bnew Date\b/g;
    expect(source(path).match(impure) ?? [], 'touches the world').toEqual([]);
  });
});

test('nothing but the folders above stands in src', () => {
  const folders = readdirSync(src, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name);
  expect(folders.filter((folder) => folder !== 'styles' && !(folder in allowed))).toEqual([]);
});
