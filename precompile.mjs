// What Handlebars makes of the package's templates, made once instead of in every process: a plugin for the build and the tests
// that fills src/bundle/precompiled.ts.
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { rolldown } from 'rolldown';

const root = fileURLToPath(new URL('.', import.meta.url));

/** A plugin of rolldown and of vite. */
export function precompiledTemplates() {
  let source;
  return {
    name: 'precompiled-templates',
    async load(id) {
      if (id !== join(root, 'src/bundle/precompiled.ts')) return undefined;
      source ??= sourceOf(templatesIn(join(root, 'templates')));
      return { code: await source, moduleType: 'js' };
    },
  };
}

function templatesIn(folder) {
  return (
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      // Earlier versions are seldom asked for.
      .filter((name) => name.endsWith('.hbs') && !name.startsWith('versions'))
      .sort()
      .map((name) => [name, readFileSync(join(folder, name), 'utf8')])
  );
}

async function sourceOf(templates) {
  const precompile = await compiler();
  const entries = new Map();
  for (const [name, text] of templates) {
    const compiled = precompile(name, text);
    if (!compiled.ok) throw new Error(JSON.stringify(compiled.problems));
    entries.set(text, `[${JSON.stringify(text)}, ${compiled.value}]`);
  }
  return `export const precompiled = new Map([\n${[...entries.values()].join(',\n')}\n]);\n`;
}

/** The same checks and options as those of a template that somebody else wrote. */
async function compiler() {
  const folder = mkdtempSync(join(tmpdir(), 'meshwright-precompile-'));
  try {
    const build = await rolldown({
      input: join(root, 'src/bundle/compile-template.ts'),
      platform: 'node',
      logLevel: 'silent',
    });
    await build.write({ file: join(folder, 'compile.mjs'), format: 'esm' });
    return (await import(pathToFileURL(join(folder, 'compile.mjs')))).precompileTemplate;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
