import { expect, it } from 'vitest';
import { chartFiles } from '../../src/flux/chart-files.ts';
import type { ChartTemplate } from '../../src/flux/helm-release.ts';
import type { RepoPath } from '../../src/model/named.ts';
import { repository } from '../fakes/repository.ts';

const template = (more: Partial<ChartTemplate> = {}): ChartTemplate => ({
  chart: './charts/web',
  version: undefined,
  source: { kind: 'GitRepository', namespace: 'flux-system', name: 'app' },
  valuesFiles: [],
  ignoresMissingValuesFiles: false,
  ...more,
});

function collected(
  files: Readonly<Record<string, string>>,
  more: Partial<ChartTemplate> = {},
  links: readonly string[] = [],
) {
  const { value } = chartFiles(repository(files, links), 'charts/web' as RepoPath, template(more));
  if (value === undefined) throw new Error('asks for files');
  return value.files === undefined ? value.why : Object.fromEntries(value.files);
}

const chart = (dependencies = '') => `apiVersion: v2\nname: web\nversion: 1.0.0\n${dependencies}`;
const uses = (from: string, version = '1.x') =>
  chart(`dependencies: [{name: common, version: "${version}", repository: "${from}"}]\n`);
const common = {
  'charts/common/Chart.yaml': 'name: common\nversion: 1.1.0\n',
  'charts/common/templates/_a.tpl': 'x',
};

it('takes the files of the folder, and no links', () => {
  const files = {
    'charts/web/Chart.yaml': chart(),
    'charts/web/templates/a.yaml': 'a',
    'charts/webshop/x': 'x',
  };

  expect(collected(files, {}, ['charts/web/templates/passwd'])).toEqual({
    'Chart.yaml': chart(),
    'templates/a.yaml': 'a',
  });
});

it('puts dependencies of the same repository into its charts', () => {
  expect(collected({ 'charts/web/Chart.yaml': uses('file://../common'), ...common })).toMatchObject({
    'charts/common/templates/_a.tpl': 'x',
  });
});

it.each([
  ['file://../../../common', '1.x', 'leads out of the repository'],
  ['file:///etc', '1.x', 'is not at charts/web/etc'],
  ['file://../common', '9.9.9', 'has version 1.1.0, and 9.9.9 is wanted'],
  ['https://charts.example.com', '1.x', 'is at https://charts.example.com, and not in its charts folder'],
  ['', '1.x', 'is not in its charts folder'],
])('collects no dependency at "%s" of version %s', (from, version, why) => {
  expect(collected({ 'charts/web/Chart.yaml': uses(from, version), ...common })).toContain(why);
});

it('lets values files of the release take the place of its values', () => {
  const files = {
    'charts/web/Chart.yaml': chart(),
    'charts/web/values.yaml': 'a: 1',
    'env/one.yaml': 'b: {c: 1, d: [1]}',
    'env/two.yaml': 'b: {d: [2]}',
  };

  expect(collected(files, { valuesFiles: ['./env/one.yaml', 'env/two.yaml'] })).toMatchObject({
    'values.yaml': '{"b":{"c":1,"d":[2]}}',
  });
  expect(collected(files, { valuesFiles: ['env/no.yaml'] })).toBe('there is no values file env/no.yaml');
  expect(collected(files, { valuesFiles: ['../../x.yaml'], ignoresMissingValuesFiles: true })).toBe(
    'there is no values file ../../x.yaml',
  );
});

it('does not guess what is packed', () => {
  const snapshot = repository({ 'charts/web/Chart.yaml': uses('https://charts.example.com') });
  const packed = 'charts/web/charts/common-1.0.0.tgz' as RepoPath;
  const { value } = chartFiles(
    { ...snapshot, paths: new Set([...snapshot.paths, packed]), unreadable: new Set([packed]) },
    'charts/web' as RepoPath,
    template(),
  );

  expect(value?.why).toBe(
    'its dependency charts/common-1.0.0.tgz is packed, and only its text could be read',
  );
});
