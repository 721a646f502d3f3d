import { describe, expect, it } from 'vitest';
import { readTree } from '../../src/kustomize/read-tree.ts';
import type { RepoPath } from '../../src/model/named.ts';
import { repository } from '../fakes/repository.ts';
import { brokenTrees } from './broken-trees.ts';

const service = (name: string) => `apiVersion: v1\nkind: Service\nmetadata: {name: ${name}}\n`;

function problemsOf(files: Readonly<Record<string, string>>, directory = 'lab') {
  const { value } = readTree(repository(files), directory as RepoPath);
  return value?.problems.map(({ rule, message, file, line }) => ({ rule, message, file, line }));
}

describe('two objects of one id', () => {
  const refused = {
    rule: 'kustomize-duplicate-id',
    message:
      'kustomize refuses the build: may not add resource with an already registered id: Service.v1.[noGrp]/web.[noNs].',
  };

  it('of two files are refused where the second one joins', () => {
    const files = {
      'lab/kustomization.yaml': 'resources:\n- a.yaml\n- b.yaml\n',
      'lab/a.yaml': service('web'),
      'lab/b.yaml': service('web'),
    };

    expect(problemsOf(files)).toEqual([{ ...refused, file: 'lab/kustomization.yaml', line: 3 }]);
  });

  it('of a directory that Flux takes as it is are refused too', () => {
    expect(problemsOf({ 'lab/a.yaml': service('web'), 'lab/b.yaml': service('web') })).toEqual([
      { ...refused, file: 'lab/b.yaml', line: 1 },
    ]);
  });

  it('are none once a prefix or another version tells them apart', () => {
    const files = {
      'lab/kustomization.yaml': 'resources: [a, b.yaml, c.yaml]\n',
      'lab/a/kustomization.yaml': 'namePrefix: a-\nresources: [web.yaml]\n',
      'lab/a/web.yaml': service('web'),
      'lab/b.yaml': service('web'),
      'lab/c.yaml': service('web').replace('v1', 'v2'),
    };

    expect(problemsOf(files)).toEqual([]);
  });
});

/** Levels of two directories that each include both of the next: 2 to the power of `levels` ways down. */
function fanOut(levels: number, prefixOf: (side: string) => string): Record<string, string> {
  const files: Record<string, string> = {};
  for (let level = 0; level < levels; level++)
    for (const side of ['a', 'b']) {
      const next =
        level + 1 === levels ? ['web.yaml'] : [`../l${String(level + 1)}a`, `../l${String(level + 1)}b`];
      files[`l${String(level)}${side}/kustomization.yaml`] =
        `${prefixOf(side)}resources: [${next.join(', ')}]\n`;
      files[`l${String(level)}${side}/web.yaml`] = service('web');
    }
  return files;
}

describe('a fan-out of 22 levels ends', () => {
  it.each([
    ['with the same names on both sides', () => ''],
    ['with a prefix of its own on each side', (side: string) => `namePrefix: ${side}-\n`],
  ])('%s', (_, prefixOf) => {
    const rules = problemsOf(fanOut(22, prefixOf), 'l0a')?.map(({ rule }) => rule) ?? [];

    expect(rules).toContain('kustomize-too-large');
    expect(rules.filter((rule) => rule === 'kustomize-too-large')).toHaveLength(1);
  });
});

describe('a tree that kustomize refuses is refused, with its reason and the place:', () => {
  it.each(Object.entries(brokenTrees))('%s', (_, { files, said }) => {
    const { value } = readTree(repository(files), 'top' as RepoPath);

    expect(
      value?.problems
        .filter(({ severity }) => severity === 'error')
        .map(({ rule, file, line, message }) => `error ${rule} at ${file ?? ''}:${String(line)}: ${message}`),
    ).toEqual([said]);
  });
});

it('says nothing of a patch whose object may be in a base that was not read', () => {
  const files = {
    'lab/kustomization.yaml':
      'resources: ["https://github.com/acme/base?ref=v1"]\npatches: [{patch: "{apiVersion: v1, kind: Service, metadata: {name: web}}"}]\n',
  };

  expect(problemsOf(files)?.map(({ rule }) => rule)).toEqual(['kustomize-remote']);
});

it('finds a generated ConfigMap, and an encrypted Secret, for the patches and generators above it', () => {
  const files = {
    'lab/kustomization.yaml': `resources: [../base]
configMapGenerator: [{name: settings, behavior: merge, literals: [b=c]}]
patches:
- patch: '{apiVersion: v1, kind: ConfigMap, metadata: {name: settings}, data: {d: e}}'
- patch: '{apiVersion: v1, kind: Secret, metadata: {name: token, labels: {a: b}}}'
`,
    'base/kustomization.yaml':
      'resources: [s.yaml]\nconfigMapGenerator: [{name: settings, literals: [a=b]}]\n',
    'base/s.yaml': 'apiVersion: v1\nkind: Secret\nmetadata: {name: token}\nsops: {mac: x}\n',
  };

  expect(problemsOf(files)?.map(({ rule }) => rule)).toEqual(['kustomize-encrypted']);
});

it('notes what Flux takes of the file that it builds, and kustomize alone does not', () => {
  const files = {
    'lab/kustomization.yaml': 'resources: [a.yaml]\nunknown: 1\n',
    'lab/a.yaml': service('web'),
  };

  expect(problemsOf(files)).toEqual([
    {
      rule: 'kustomize-tolerated',
      message:
        'Flux builds this all the same, and kustomize by itself refuses the file: unknown field "unknown".',
      file: 'lab/kustomization.yaml',
      line: 2,
    },
  ]);
});
