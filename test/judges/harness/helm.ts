import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseAllDocuments } from 'yaml';
import { versions, type Resource } from './api-server.ts';
import { istioctlSays } from './istioctl.ts';

const cache = fileURLToPath(new URL('../../../.cache/judges/', import.meta.url));

export type Chart = 'base' | 'istiod' | 'gateway';

export interface Release {
  readonly releaseName: string;
  readonly namespace: string;
  readonly values: Readonly<Record<string, unknown>>;
}

export type Rendered =
  | { readonly ok: true; readonly objects: readonly Resource[] }
  | { readonly ok: false; readonly error: string };

/** Where one of Istio's own charts lies. */
export function chartFolder(chart: Chart): string {
  return join(cache, `istio-charts-${versions.istioctl}`, chart);
}

/** What Helm makes of a chart, CRDs included; it checks the values against the chart's schema, where there is one. */
export function templateChart(chart: Chart, { releaseName, namespace, values }: Release): Rendered {
  const { status, stdout, stderr, error } = spawnSync(
    join(cache, `helm-${versions.helm}`, 'helm'),
    [
      'template',
      releaseName,
      chartFolder(chart),
      `--namespace=${namespace}`,
      `--kube-version=${versions.kubernetes}`,
      '--include-crds',
      '--values=-',
    ],
    {
      encoding: 'utf8',
      input: JSON.stringify(values),
      maxBuffer: 64 * 1024 * 1024,
      // No home: nobody's plugins, repositories or kubeconfig take part.
      env: { HOME: '/nonexistent' },
    },
  );
  if (error !== undefined) throw error;
  return status === 0 ? objectsIn(stdout) : { ok: false, error: stderr.trim() };
}

/** What Istio's own installer says against values of base or istiod, whose charts have no schema. */
export function istioSaysOfValues(values: Release['values']): Promise<readonly string[]> {
  const operator = {
    apiVersion: 'install.istio.io/v1alpha1',
    kind: 'IstioOperator',
    metadata: { name: 'values' },
    spec: { values },
  };
  return istioctlSays('validate', [operator]);
}

/** The objects of a stream. A key written twice is an error: Helm takes it, helm-controller's post-renderer doesn't. */
function objectsIn(stream: string): Rendered {
  const documents = parseAllDocuments(stream, { merge: true });
  const mistake = documents.flatMap(({ errors }) => errors)[0];
  if (mistake !== undefined) return { ok: false, error: mistake.message };
  // A document of comments alone is no object.
  const objects = documents
    .map((document) => document.toJS() as Resource | null)
    .filter((object) => object !== null);
  return { ok: true, objects };
}
