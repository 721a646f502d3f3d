import fc from 'fast-check';
import { expect, it } from 'vitest';
import { sourceView } from '../../src/flux/source-view.ts';
import { repository } from '../fakes/repository.ts';
import { runs } from '../sampling.ts';
import { archivedBy } from './harness/flux.ts';

const paths = [
  ...[
    'apps/web.yaml',
    'apps/base/web.yaml',
    'apps/base/db.yml',
    'apps/.sops.yaml',
    'docs/a b.md',
    'docs/é.md',
  ],
  ...['deploy/lab/web.yaml', 'deploy/lab/charts/x/Chart.yaml', 'deploy/README.md', 'a', 'x.yaml', 'web.yaml'],
];
const part = fc.constantFrom(
  ...['apps', 'deploy', 'base', 'lab', 'docs', '*', '**', '*.yaml', 'web.*', '?', '[a-d]*', '[^a]*'],
  ...['a b.md', 'é.md', 'a**', '', '\\*', '[', '.sops.yaml', 'web.yaml'],
);
const line = fc.oneof(
  fc
    .tuple(
      fc.constantFrom('', '', '!'),
      fc.constantFrom('', '', '/'),
      fc.array(part, { minLength: 1, maxLength: 4 }),
      fc.constantFrom('', '', '/', ' ', '\\ '),
    )
    .map(([no, root, parts, end]) => no + root + parts.join('/') + end),
  fc.constantFrom('# words', '', '   ', '/*', '!/apps', '**/'),
);
const text = fc.array(line, { maxLength: 4 }).map((lines) => lines.join('\n'));

it('keeps of a repository the files that source-controller archives', () => {
  const cases = fc
    .sample(fc.tuple(fc.constantFrom('', '', 'apps/', 'deploy/lab/'), text, text, text), runs(6000, 1000))
    .map(([directory, outer, inner, ignore]) => ({
      files: {
        ...Object.fromEntries(paths.map((path) => [path, ''])),
        ...(outer !== '' && { '.sourceignore': outer }),
        ...(directory !== '' && { [`${directory}.sourceignore`]: inner }),
      },
      ignore,
    }));

  for (const [index, kept] of archivedBy(cases).entries()) {
    const { files, ignore } = cases[index] ?? { files: {}, ignore: '' };
    const { value } = sourceView(repository(files), { spec: { ignore } });
    // Without any rule what Flux leaves out is no manifest, or is left out by the reader of directories.
    if (value?.hasRules !== true) continue;
    expect([...value.snapshot.paths].sort(), JSON.stringify({ files, ignore }, undefined, 1)).toEqual(kept);
  }
});
