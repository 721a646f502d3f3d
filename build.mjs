// Makes dist/: our modules and the packages that they use, in few files, since Node takes half a second to find and load 500
// small ones: one for each group of layers, one for what is loaded by itself, one for what several of those share. Names stay, spaces go; the maps beside
// the files say where a line was written (src/adapters/stack.ts reads them). Licences of the packages go into one file.
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { join } from 'node:path';
import { rolldown } from 'rolldown';
import { precompiledTemplates } from './precompile.mjs';

const packageOf = /^(.*\/node_modules\/(?:@[^/]+\/)?[^/]+)\//;
const build = await rolldown({
  input: { cli: 'src/start.ts' },
  platform: 'node',
  external: (id) => isBuiltin(id),
  plugins: [precompiledTemplates()],
});
rmSync('dist', { recursive: true, force: true });
const { output } = await build.write({
  dir: 'dist/src',
  format: 'esm',
  chunkFileNames: 'parts/[name].js',
  minify: { mangle: false, compress: false, codegen: { removeWhitespace: true } },
  comments: false,
  codeSplitting: {
    groups: [
      { name: 'model', test: /\/src\/model\// },
      { name: 'yaml', test: /\/src\/(?:yaml|k8s)\/|\/node_modules\/yaml\// },
      { name: 'cluster', test: /\/src\/(?:kustomize|flux|mesh)\// },
      { name: 'bundle', test: /\/generators\/|\/src\/(?:merge|bundle)\/(?!compile)/ },
      { name: 'traffic', test: /\/src\/(?:traffic|waves)\/(?!importers)/ },
    ],
  },
  sourcemap: true,
});
const modules = output.flatMap((chunk) => (chunk.type === 'chunk' ? chunk.moduleIds : []));
writeFileSync('dist/THIRD-PARTY-LICENSES.txt', licencesOf(modules));
for (const { fileName } of output.filter(({ fileName }) => fileName.endsWith('.map')))
  writeFileSync(join('dist/src', fileName), withoutSources(readFileSync(join('dist/src', fileName), 'utf8')));

/** Of every package that is part of the build, with its text. */
function licencesOf(ids) {
  const folders = new Set(ids.map((id) => packageOf.exec(id)?.[1]).filter((folder) => folder !== undefined));
  const parts = [...folders].map((folder) => {
    const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    const file = readdirSync(folder).find((each) => /^licen[cs]e(?:\.|$)/i.test(each));
    const text =
      file === undefined ? licenceInReadme(folder) : readFileSync(join(folder, file), 'utf8').trim();
    if (typeof license !== 'string' || text === undefined) throw new Error(`${folder} says no licence.`);
    return { name, text: `${name} ${version} (${license})\n\n${text}\n` };
  });
  // Npm may lay one version into several folders.
  return [
    ...new Set(parts.sort((one, other) => (one.name < other.name ? -1 : 1)).map(({ text }) => text)),
  ].join(`\n${'-'.repeat(80)}\n\n`);
}

function licenceInReadme(folder) {
  const file = ['README.md', 'readme.md'].map((name) => join(folder, name)).find((each) => existsSync(each));
  const text = file === undefined ? '' : readFileSync(file, 'utf8');
  return /^#+ licen[cs]e\s*\n([\s\S]+)/im.exec(text)?.[1]?.trim();
}

/** The places alone: what stands there is in the repository. */
function withoutSources(map) {
  const { sourcesContent: _, ...rest } = JSON.parse(map);
  return JSON.stringify(rest);
}
