import { expect, it } from 'vitest';
import { pathInSource } from '../../src/k8s/flux-kustomization.ts';

it.each([
  ['', ''],
  ['.', ''],
  ['./', ''],
  ['./apps/lab', 'apps/lab'],
  ['/apps/lab/', 'apps/lab'],
  ['apps//lab/./', 'apps/lab'],
  ['apps/../infra', 'infra'],
  ['../../infra', 'infra'],
  ['apps/../../../infra/lab', 'infra/lab'],
  ['..', ''],
  ['../...', '...'],
])('the path %j of a source is %j, as if its root were that of the file system', (text, path) => {
  expect(pathInSource(text)).toBe(path);
});
