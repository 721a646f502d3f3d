import { chmod, mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createHelm, helmOnPath, type HelmLimits } from '../../src/adapters/helm.ts';
import { isClosedSchema } from '../../src/adapters/chart-schema.ts';
import type { ChartRequest, RemoteChart } from '../../src/model/charts.ts';
import type { RepoPath } from '../../src/model/named.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'helm-test-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

/** A program in the place of helm: it says its version, and then does what a test wants. */
async function helmThat(does: string, version = 'v3.19.0'): Promise<string> {
  const program = join(folder, 'helm');
  const script = `#!/bin/sh\nexport PATH=/usr/bin:/bin\nif [ "$1" = version ]; then echo ${version}; exit 0; fi\n${does}\n`;
  await writeFile(program, script);
  await chmod(program, 0o755);
  return program;
}

function helm(program: string | undefined, limits: Partial<HelmLimits> = {}, hosts: readonly string[] = []) {
  return createHelm({ program, hosts, cacheDirectory: join(folder, 'cache'), limits });
}

function request(
  more: Partial<ChartRequest> = {},
  files: Readonly<Record<string, string>> = {},
): ChartRequest {
  const texts = { 'Chart.yaml': 'apiVersion: v2\nname: web\nversion: 1.0.0\n', ...files };
  return {
    key: 'one',
    chart: {
      kind: 'folder',
      files: new Map(Object.entries(texts).map(([path, text]) => [path as RepoPath, text])),
    },
    releaseName: 'shop-web',
    namespace: 'shop',
    values: { port: 80 },
    kubernetesVersion: '1.34.0',
    apiVersions: ['example.com/v1'],
    ...more,
  };
}

const remote = (more: Partial<RemoteChart> = {}): Partial<ChartRequest> => ({
  chart: {
    kind: 'remote',
    url: 'https://charts.example.com',
    name: 'web',
    version: '1.2.3',
    digest: undefined,
    valuesFiles: [],
    ...more,
  },
});

it('starts helm with its arguments as they are, the values in a file, and nothing of the surroundings', async () => {
  process.env.SECRET_OF_OPERATOR = 'x';
  const program = await helmThat(
    'echo "$@"; cat "$HOME/values.yaml"; echo; env; cat "$HOME/chart/Chart.yaml"',
  );

  const answer = await helm(program).render(request());

  delete process.env.SECRET_OF_OPERATOR;
  const text = answer.kind === 'rendered' ? answer.text : '';
  const [scratch = ''] = /\S+meshwright-helm-\w+/.exec(text) ?? [];
  expect(text.replaceAll(scratch, '~').split('\n').slice(0, 2)).toEqual([
    'template --namespace shop --include-crds --skip-tests --kube-version 1.34.0 --api-versions example.com/v1 --values ~/values.yaml -- shop-web ~/chart',
    '{"port":80}',
  ]);
  expect(text).toContain('name: web');
  expect(text).not.toContain('SECRET_OF_OPERATOR');
  const homes = [...text.matchAll(/^(?:HOME|HELM_\w+|KUBECONFIG|DOCKER_CONFIG)=(.*)$/gm)].map(
    ([, value]) => value,
  );
  expect(homes.length).toBeGreaterThan(8);
  for (const home of homes) expect(home?.startsWith(scratch) === true || home === '1').toBe(true);
  await expect(readdir(scratch)).rejects.toThrow();
});

it('says what helm says when a chart does not render', async () => {
  const program = await helmThat('echo "Error: template: $HOME/chart/x: nil" >&2; exit 1');

  expect(await helm(program).render(request())).toEqual({ kind: 'failed', why: 'template: /chart/x: nil' });
});

describe('ends a helm', () => {
  it('that takes too long', async () => {
    const program = await helmThat('exec sleep 60');
    expect(await helm(program, { milliseconds: 100 }).render(request())).toMatchObject({
      kind: 'impossible',
      why: 'helm took more than 0.1 s',
    });
  });

  it('that writes without end', async () => {
    const program = await helmThat('exec yes');
    expect(await helm(program, { outputBytes: 2 ** 20 }).render(request())).toMatchObject({
      kind: 'impossible',
      why: 'the chart renders to more than 1 MiB',
    });
  });
});

it.each(['v3.11.0', 'v3.19', 'v4.2.1', 'v3.20.0-rc.1'])(
  'takes a helm that calls itself %s',
  async (version) => {
    const program = await helmThat('echo rendered', version);

    expect(await helm(program).render(request())).toEqual({ kind: 'rendered', text: 'rendered\n' });
  },
);

it('takes no helm that lets templates ask the network', async () => {
  const program = await helmThat('echo rendered', 'v3.10.3');

  expect(await helm(program).render(request())).toMatchObject({
    kind: 'impossible',
    why: `${program} is not a helm of version 3.11 or later`,
  });
});

it('says so when there is no helm', async () => {
  expect(await helm(undefined).render(request())).toMatchObject({ kind: 'impossible' });
});

it('leaves out a schema that reaches outside the chart', async () => {
  const program = await helmThat('cd "$HOME/chart" && find . -name "*.json"');
  const files = {
    'values.schema.json': '{"$ref": "file:///dev/zero"}',
    'charts/a/values.schema.json': '{"$ref": "#/definitions/x", "definitions": {"x": {}}}',
  };

  expect(await helm(program).render(request({}, files))).toEqual({
    kind: 'rendered',
    text: './charts/a/values.schema.json\n',
  });
});

it.each([
  ['{"$schema": "http://json-schema.org/draft-07/schema#"}', true],
  ['{"$schema": "https://evil.example/schema"}', false],
  ['{"items": [{"$ref": "other.json"}]}', false],
  ['{"$dynamicRef": "http://169.254.169.254/"}', false],
  ['not json', false],
])('%s is closed: %s', (text, expected) => {
  expect(isClosedSchema(text)).toBe(expected);
});

describe('a chart of a registry', () => {
  const pulls =
    'if [ "$1" = pull ]; then echo "$@" >> "${0%/*}/pulls"; echo archive > "$3/web.tgz"; exit 0; fi';

  it('is not pulled from a host that the operator does not allow', async () => {
    const program = await helmThat(pulls);

    expect(await helm(program, {}, ['other.example.com']).render(request(remote()))).toMatchObject({
      kind: 'impossible',
      why: 'its chart is at https://charts.example.com, and no chart may be pulled from charts.example.com',
      fix: 'Allow it: export MESHWRIGHT_CHART_HOSTS=charts.example.com',
    });
    expect(await readdir(folder)).not.toContain('pulls');
  });

  it('is pulled once for an exact version, also by another run without the host', async () => {
    const program = await helmThat(`${pulls}\nshift $(($# - 1)); cat "$1"`);
    const first = await helm(program, {}, ['charts.example.com']).render(request(remote()));
    const second = await helm(program).render(request(remote()));

    expect([first, second]).toEqual([
      { kind: 'rendered', text: 'archive\n' },
      { kind: 'rendered', text: 'archive\n' },
    ]);
  });

  it('is not taken from the cache when its bytes are others', async () => {
    const program = await helmThat(pulls);
    await helm(program, {}, ['charts.example.com']).render(request(remote()));
    const charts = join(folder, 'cache', 'charts');
    const archive = (await readdir(charts)).find((name) => name.endsWith('.tgz')) ?? '';
    await writeFile(join(charts, archive), 'forged');

    expect(await helm(program).render(request(remote()))).toMatchObject({ kind: 'impossible' });
  });

  it('is looked up again for a range', async () => {
    const program = await helmThat(pulls);
    await helm(program, {}, ['charts.example.com']).render(request(remote({ version: '1.x' })));

    expect(await helm(program).render(request(remote({ version: '1.x' })))).toMatchObject({
      kind: 'impossible',
    });
  });
});

it('finds helm on absolute folders of PATH only', async () => {
  const program = await helmThat('');
  await mkdir(join(folder, 'empty'));
  await symlink(program, join(folder, 'empty', 'other'));

  expect(await helmOnPath(`.:${join(folder, 'empty')}:${folder}`)).toBe(program);
  expect(await helmOnPath(`.:relative:${join(folder, 'empty')}`)).toBeUndefined();
});
