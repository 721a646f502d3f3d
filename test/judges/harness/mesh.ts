import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseAllDocuments } from 'yaml';
import { meshwright } from '../../e2e/harness/cli.ts';
import { versions, type Resource } from './api-server.ts';
import { substituted } from './flux.ts';
import type { Chart } from './helm.ts';

const examples = fileURLToPath(new URL('../../../examples/', import.meta.url));
const kustomize = fileURLToPath(
  new URL(`../../../.cache/judges/kustomize-${versions.kustomize}/kustomize`, import.meta.url),
);

/** The clusters of the examples, with the environment of each. */
export const clusters = [
  ['lab-eu-1', 'lab'],
  ['lab-eu-2', 'lab'],
  ['dev-eu-1', 'dev'],
] as const;

/** One Flux Kustomization with what it builds, variables filled in. */
export interface Part {
  readonly name: string;
  readonly dependsOn: readonly string[];
  readonly objects: readonly Resource[];
}

export interface BuiltCluster {
  /** What lies in the cluster's own directory. */
  readonly own: readonly Resource[];
  readonly variables: Readonly<Record<string, string>>;
  /** The Kustomizations of the mesh. */
  readonly parts: readonly Part[];
}

export interface HelmRelease extends Resource {
  readonly spec: {
    readonly releaseName: string;
    readonly chartRef: { readonly name: string };
    readonly values: Readonly<Record<string, unknown>>;
  };
}

interface FluxKustomization extends Resource {
  readonly spec: {
    readonly path: string;
    readonly dependsOn?: readonly { readonly name: string }[];
    readonly postBuild?: object;
  };
}

/** What Flux would apply on a cluster of the examples.
 *  @param declared  what else the fleet says */
export function clusterAt(
  cluster: string,
  stage: 'permissive' | 'strict',
  declared: (fleet: string) => string = (text) => text,
): BuiltCluster {
  const folder = mkdtempSync(join(tmpdir(), 'meshwright-judged-'));
  try {
    cpSync(examples, folder, { recursive: true });
    const fleet = join(folder, 'fleet.yaml');
    const name = `      - name: ${cluster}\n`;
    const text = readFileSync(fleet, 'utf8').replace(name, `${name}        mode: ${stage}\n`);
    writeFileSync(fleet, declared(text));
    const checkout = join(folder, 'repositories/acme/platform');
    // A fleet that keeps namespaces with its clusters has them nowhere else.
    if (declared(text) !== text)
      writeFileSync(join(checkout, 'namespaces/kustomization.yaml'), 'resources: []\n');
    const { code, stderr } = meshwright(['apply', `cluster/${cluster}`, '--dir', checkout], { cwd: folder });
    if (code !== 0) throw new Error(stderr);
    return read(checkout, cluster);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function read(checkout: string, cluster: string): BuiltCluster {
  const directory = join(checkout, 'clusters', cluster);
  const own = ['mesh-variables.yaml', 'mesh.yaml', 'apps.yaml', 'infrastructure.yaml'].flatMap((file) =>
    objectsOf(readFileSync(join(directory, file), 'utf8')),
  );
  const map = own.find(({ kind }) => kind === 'ConfigMap') as
    (Resource & { readonly data: Readonly<Record<string, string>> }) | undefined;
  const variables = map?.data ?? {};
  const chain = own.filter(
    (each): each is FluxKustomization =>
      each.kind === 'Kustomization' && (each as FluxKustomization).spec.postBuild !== undefined,
  );
  const names = new Set(chain.map(({ metadata }) => metadata.name));
  const parts = chain.map(({ metadata, spec }): Part => {
    const filled = substituted(build(join(checkout, spec.path)), variables);
    if (!filled.ok) throw new Error(`${metadata.name}: ${filled.error}`);
    return {
      name: metadata.name,
      // What the platform brings by other means is there from the beginning.
      dependsOn: (spec.dependsOn ?? []).map((each) => each.name).filter((each) => names.has(each)),
      objects: objectsOf(filled.text),
    };
  });
  return { own, variables, parts };
}

function build(directory: string): string {
  const { status, stdout, stderr, error } = spawnSync(
    kustomize,
    ['build', '--load-restrictor=LoadRestrictionsNone', directory],
    { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 },
  );
  if (error !== undefined) throw error;
  if (status !== 0) throw new Error(stderr);
  return stdout;
}

function objectsOf(stream: string): readonly Resource[] {
  return parseAllDocuments(stream)
    .map((document) => document.toJS() as Resource | null)
    .filter((object) => object !== null);
}

export function isRelease(object: Resource): object is HelmRelease {
  return object.kind === 'HelmRelease';
}

/** The chart that a release of ours takes. */
export function chartOf({ spec }: HelmRelease): Chart {
  const charts: Readonly<Record<string, Chart>> = {
    'istio-base': 'base',
    istiod: 'istiod',
    'istio-gateway': 'gateway',
  };
  const chart = charts[spec.chartRef.name];
  if (chart === undefined) throw new Error(`no chart ${spec.chartRef.name}`);
  return chart;
}

/** As kustomize-controller applies one Kustomization: what others need goes first. */
export function inStages(objects: readonly Resource[]): readonly Resource[] {
  const isEarly = ({ kind }: Resource) => kind === 'Namespace' || kind === 'CustomResourceDefinition';
  return [...objects.filter(isEarly), ...objects.filter((object) => !isEarly(object))];
}
