import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { createHelm } from '../../../src/adapters/helm.ts';
import type { Charts } from '../../../src/model/ports.ts';
import { versions } from './api-server.ts';

const cache = new URL('../../../.cache/judges/', import.meta.url);
const binary = fileURLToPath(new URL(`charts-${versions.helmController}/charts`, cache));

/** A HelmRelease with the ConfigMaps of its namespace, and what Helm prints for its chart, where that is post-rendered. */
export interface ReleaseQuestion {
  readonly release: unknown;
  readonly configMaps: readonly unknown[];
  readonly output: string;
}

export interface ReleaseAnswer {
  /** Empty: it is not refused. */
  readonly refused: string;
  readonly values: unknown;
  readonly releaseName: string;
  readonly releaseNamespace: string;
  readonly storageNamespace: string;
  readonly postRendered: string;
}

/** What helm-controller's own libraries make of releases. */
export function releaseAnswers(questions: readonly ReleaseQuestion[]): readonly ReleaseAnswer[] {
  const { status, stdout, stderr, error } = spawnSync(binary, [], {
    encoding: 'utf8',
    input: JSON.stringify(questions),
    maxBuffer: 256 * 1024 * 1024,
  });
  if (error !== undefined) throw error;
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout) as readonly ReleaseAnswer[];
}

/** Our own adapter with the judges' helm.
 *  @param cacheDirectory  for pulled charts */
export function realHelm(cacheDirectory: string): Charts {
  const program = fileURLToPath(new URL(`helm-${versions.helm}/helm`, cache));
  return createHelm({ program, hosts: [], cacheDirectory });
}
