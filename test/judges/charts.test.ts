import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { builtCluster } from '../../src/flux/built-cluster.ts';
import { chartValues } from '../../src/flux/helm-values.ts';
import { helmRelease } from '../../src/flux/helm-release.ts';
import { readTree } from '../../src/kustomize/read-tree.ts';
import type { ChartAnswer, ChartRequest } from '../../src/model/charts.ts';
import type { Manifest } from '../../src/model/manifest.ts';
import type { RepoPath, RepositoryId } from '../../src/model/named.ts';
import { repository } from '../fakes/repository.ts';
import { runs } from '../sampling.ts';
import { realHelm, releaseAnswers } from './harness/charts.ts';

const here = 'acme/cache' as RepositoryId;
let cache: string;
beforeAll(() => {
  cache = mkdtempSync(join(tmpdir(), 'meshwright-charts-'));
});
afterAll(() => {
  rmSync(cache, { recursive: true, force: true });
});

/** Texts that YAML, Helm's `--set` and Go's reader of values understand in ways of their own. */
const odd = fc.constantFrom(
  ...['5', '0', '007', '1.5', '1e3', 'true', 'no', 'on', '0x1F', '1_000', '0b11', 'null', '~', ''],
  ...[
    'a b',
    'a,b=c',
    '{a,b}',
    '{}',
    '"7"',
    "'yes'",
    "'",
    'a\\,b',
    'a=b',
    '[1, 2]',
    'x: y',
    '1:30',
    '2024-01-01',
  ],
  ...['a.b', 'é漢', '$x', '{{ x }}', '<script>', '-5', '+5', '99999999999999', 'NaN', '.inf'],
);
const path = fc.constantFrom(
  ...[
    'a',
    'b',
    'a.b',
    'a.c',
    'a.b.c',
    'list[0]',
    'list[2]',
    'list[1].x',
    'm[0][1]',
    'a\\.b',
    'a.',
    '.a',
    'a[',
    'a[x]',
  ],
);
const leaf: fc.Arbitrary<unknown> = fc.oneof(
  odd,
  fc.integer({ min: -9, max: 99 }),
  fc.boolean(),
  fc.constant(null),
);
const tree = fc.dictionary(
  fc.constantFrom('a', 'b', 'c', 'list', 'm'),
  fc.oneof(
    leaf,
    fc.array(leaf, { maxLength: 3 }),
    fc.dictionary(
      fc.constantFrom('b', 'c', 'd'),
      fc.oneof(leaf, fc.dictionary(fc.constantFrom('c', 'x'), leaf)),
    ),
  ),
  { maxKeys: 4 },
);
/** What a ConfigMap holds: values, as people write them or as programs do. */
const text = fc.oneof(
  tree.map((values) => JSON.stringify(values)),
  fc
    .array(fc.tuple(fc.constantFrom('a', 'b', 'on', 'y', 'list'), odd), { maxLength: 3 })
    .map((pairs) => [...new Map(pairs)].map(([key, value]) => `${key}: ${value}\n`).join('')),
  odd,
);
const references = fc.array(
  fc.record(
    {
      kind: fc.constantFrom(...Array<string>(15).fill('ConfigMap'), 'Deployment'),
      name: fc.constantFrom('one', 'two'),
      valuesKey: fc.constantFrom(...['values.yaml', 'x', 'values.yaml', 'x', 'x', 'missing']),
      targetPath: path,
      optional: fc.boolean(),
      literal: fc.boolean(),
    },
    { requiredKeys: ['kind', 'name'] },
  ),
  { maxLength: 4 },
);
const name = fc.constantFrom('web', 'a-release-with-a-name-of-more-than-thirty-characters');
const cases = fc.record({
  spec: fc.record(
    {
      values: tree,
      valuesFrom: references,
      targetNamespace: fc.constantFrom('shop', 'a-namespace-with-a-long-name'),
      releaseName: fc.constantFrom('own', ''),
      storageNamespace: fc.constant('records'),
    },
    { requiredKeys: [] },
  ),
  name,
  data: fc.record({
    one: fc.record({ 'values.yaml': text, x: text }, { requiredKeys: [] }),
    two: fc.record({ 'values.yaml': text, x: text }),
  }),
});

function manifestsOf(objects: readonly unknown[]): readonly Manifest[] {
  const stream = objects.map((object) => JSON.stringify(object)).join('\n---\n');
  const { value } = readTree(repository({ 'a.yaml': stream }), '' as RepoPath);
  return value?.manifests ?? [];
}

it('merges values and names releases as helm-controller does, or refuses what it refuses', () => {
  const asked = fc.sample(cases, { numRuns: runs(2000, 300) }).map(({ spec, name, data }) => ({
    release: {
      apiVersion: 'helm.toolkit.fluxcd.io/v2',
      kind: 'HelmRelease',
      metadata: { name, namespace: 'apps' },
      spec,
    },
    configMaps: Object.entries(data).map(([name, data]) => ({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name, namespace: 'apps' },
      data,
    })),
    output: '',
  }));
  let refusals = 0;
  for (const [index, judged] of releaseAnswers(asked).entries()) {
    const { release, configMaps } = asked[index] ?? { release: undefined, configMaps: [] };
    const manifests = manifestsOf([release, ...configMaps]);
    const own = manifests.find(({ kind }) => kind === 'HelmRelease');
    if (own === undefined) throw new Error('no release');
    const ours = chartValues(own, manifests);
    const about = JSON.stringify([release, configMaps, judged, ours.refused], undefined, 1);
    if (judged.refused !== '') refusals++;
    expect(ours.refused.length > 0, about).toBe(judged.refused !== '');
    if (judged.refused === '') expect(ours.values, about).toEqual(judged.values);
    const named = helmRelease({ repository: here, manifest: own });
    if (judged.releaseName.length <= 53) expect(named?.releaseName, about).toBe(judged.releaseName);
    else expect(named?.releaseName.slice(0, 41), about).toBe(`${judged.releaseName.slice(0, 40)}-`);
    expect([named?.releaseNamespace, named?.storageNamespace], about).toEqual([
      judged.releaseNamespace,
      judged.storageNamespace,
    ]);
  }
  expect(refusals).toBeGreaterThan(0);
  expect(refusals).toBeLessThan((asked.length * 3) / 4);
});

/** The release of the example repository, built with the judges' helm, its files changed as asked. */
async function built(change: (files: Record<string, string>) => void = () => undefined) {
  const root = fileURLToPath(new URL('../../examples/repositories/acme/cache', import.meta.url));
  const entries = readdirSync(root, { recursive: true, withFileTypes: true }).filter((each) => each.isFile());
  const files = Object.fromEntries(
    entries.map(({ parentPath, name }) => [
      relative(root, join(parentPath, name)),
      readFileSync(join(parentPath, name), 'utf8'),
    ]),
  );
  change(files);
  const snapshot = repository(files);
  const helm = realHelm(cache);
  const answers = new Map<string, ChartAnswer>();
  const asked: ChartRequest[] = [];
  for (;;) {
    const { value, charts = [] } = builtCluster(
      { repository: here, directory: 'clusters/lab' as RepoPath },
      {
        repositoryOf: () => here,
        snapshotOf: () => ({ snapshot, branch: undefined }),
        chartOf: ({ key }) => answers.get(key),
      },
    );
    if (value !== undefined) {
      const build = value.builds.find(({ release }) => release !== undefined);
      if (build === undefined) throw new Error('no release was built');
      return { build, output: answers.get(asked.at(-1)?.key ?? '') };
    }
    for (const request of charts) {
      asked.push(request);
      answers.set(request.key, await helm.render(request));
    }
  }
}

describe('the chart of the example', () => {
  it('renders to the objects that helm-controller applies', async () => {
    const { build, output } = await built();
    if (output?.kind !== 'rendered') throw new Error(JSON.stringify(output));

    const [judged] = releaseAnswers(
      [{ release: build.release?.manifest.built, configMaps: [], output: output.text }].map((each) => ({
        ...each,
        release: { ...each.release, spec: { ...build.release?.spec, valuesFrom: [] } },
      })),
    );

    expect(judged?.refused).toBe('');
    const labels = {
      'helm.toolkit.fluxcd.io/name': 'session-cache',
      'helm.toolkit.fluxcd.io/namespace': 'flux-system',
    };
    const expected = parseAllDocuments(judged?.postRendered ?? '').map((document) => {
      const object = document.toJS() as { kind: string; metadata: Record<string, unknown> };
      const metadata = {
        ...object.metadata,
        namespace: 'sessions',
        labels: { ...(object.metadata.labels as object), ...labels },
      };
      return { ...object, metadata };
    });
    expect(build.objects.map(({ manifest }) => manifest.built)).toEqual(expected);
    expect(expected.map(({ kind }) => kind).sort()).toEqual([
      'Deployment',
      'PodDisruptionBudget',
      'Secret',
      'Service',
      'ServiceAccount',
    ]);
  });

  it('is refused by the schema of its values, as Helm refuses it', async () => {
    const { build } = await built((files) => {
      files['clusters/lab/releases/session-cache.yaml'] = (
        files['clusters/lab/releases/session-cache.yaml'] ?? ''
      ).replace('replicas: 2', 'replicas: many');
    });

    expect(build.state).toBe('failed');
    expect(build.why).toContain('replicas');
  });
});

describe('a hostile chart', () => {
  const template = 'charts/session-cache/templates/hostile.yaml';
  const rendered = async (text: string, more: Readonly<Record<string, string>> = {}) => {
    const { build } = await built((files) => {
      files[template] = `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: found}\ndata:\n  x: ${text}\n`;
      Object.assign(files, more);
    });
    const found = build.objects.find(({ manifest }) => manifest.builtName === 'found');
    return found === undefined ? build.why : (found.manifest.built.data as { readonly x: string }).x;
  };

  it.each([
    ['asks the cluster', '{{ lookup "v1" "Secret" "kube-system" "" | toJson | quote }}', '{}'],
    ['asks the network for a host', '{{ getHostByName "localhost" | quote }}', ''],
    ['reads a file of the machine', '{{ .Files.Get "/etc/passwd" | quote }}', ''],
    ['reads a file outside its folder', '{{ .Files.Get "../values.yaml" | quote }}', ''],
    [
      'reads all files',
      '{{ range $path, $_ := .Files.Glob "../**" }}{{ $path }}{{ end }}{{ "" | quote }}',
      '',
    ],
  ])('that %s finds nothing', async (_, text, expected) => {
    expect(await rendered(text)).toBe(expected);
  });

  it('that asks for the environment does not render', async () => {
    expect(await rendered('{{ env "HOME" | quote }}')).toContain('function "env" not defined');
  });

  it('whose schema reads other files is rendered without it', async () => {
    const schema = { 'charts/session-cache/values.schema.json': '{"$ref": "file:///dev/zero"}' };

    expect(await rendered('done', schema)).toBe('done');
  });

  it('whose dependency is outside the repository is not rendered', async () => {
    const text =
      'apiVersion: v2\nname: session-cache\nversion: 1.0.0\ndependencies: [{name: etc, version: 1.x, repository: "file://../../../../../etc"}]\n';

    expect(await rendered('x', { 'charts/session-cache/Chart.yaml': text })).toContain(
      'leads out of the repository',
    );
  });
});
