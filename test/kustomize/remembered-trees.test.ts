import fc from 'fast-check';
import { expect, it } from 'vitest';
import { readTree } from '../../src/kustomize/read-tree.ts';
import type { RepoPath } from '../../src/model/named.ts';
import { withChanges, type Snapshot } from '../../src/model/snapshot.ts';
import { repository } from '../fakes/repository.ts';

const texts: Readonly<Record<string, readonly (string | undefined)[]>> = {
  'base/kustomization.yaml': ['resources: [web.yaml]\n', 'namePrefix: new-\nresources: [web.yaml]\n'],
  'base/web.yaml': [
    'apiVersion: v1\nkind: Service\nmetadata: {name: web}\n',
    'apiVersion: v1\nkind: Service\nmetadata: {name: shop}\n',
    'kind: [\n',
    undefined,
  ],
  'lab/kustomization.yaml': ['resources: [../base]\n', 'resources: [../base]\nnamespace: shop\n', undefined],
  'lab/more.yaml': [undefined, 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: more}\n'],
};
const step = fc
  .constantFrom(...Object.keys(texts))
  .chain((path) =>
    fc.record({ path: fc.constant(path as RepoPath), after: fc.constantFrom(...(texts[path] ?? [])) }),
  );

it('a tree is what reading the repository for the first time gives, whatever was asked before', () => {
  fc.assert(
    fc.property(fc.array(step, { minLength: 1, maxLength: 12 }), (steps) => {
      let snapshot = repository({ 'README.md': '' });
      for (const { path, after } of steps) {
        snapshot = withChanges(snapshot, [{ path, before: snapshot.files.get(path), after }]);
        for (const directory of ['lab', 'base'])
          expect(told(snapshot, directory)).toEqual(told(anew(snapshot), directory));
      }
    }),
  );
});

it('the same paths and texts give the very same tree', () => {
  const files = { 'lab/web.yaml': 'apiVersion: v1\nkind: Service\nmetadata: {name: web}\n' };
  const snapshot = repository(files);
  const path = 'lab/web.yaml' as RepoPath;
  const before = snapshot.files.get(path);
  const tree = readTree(snapshot, 'lab' as RepoPath).value;
  const changed = withChanges(snapshot, [{ path, before, after: 'kind: Other\n' }]);
  const back = withChanges(changed, [{ path, before: 'kind: Other\n', after: before }]);

  expect(tree).toBeDefined();
  expect(readTree(changed, 'lab' as RepoPath).value).not.toBe(tree);
  expect(readTree(back, 'lab' as RepoPath).value).toBe(tree);
});

/** The same repository, and nothing that could be remembered of it. */
function anew({ paths, links, files, unreadable }: Snapshot): Snapshot {
  return {
    paths: new Set(paths),
    links: new Set(links),
    files: new Map(files),
    unreadable: new Set(unreadable),
  };
}

function told(snapshot: Snapshot, directory: string): unknown {
  const { value, needs } = readTree(snapshot, directory as RepoPath);
  return {
    needs,
    problems: value?.problems,
    reads: [...(value?.reads ?? [])],
    objects: value?.manifests.map(({ file, built }) => ({ file, built })),
  };
}
