import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { ApiServer, type Resource } from './harness/api-server.ts';
import { dependencyOrders, substituted } from './harness/flux.ts';
import { chartFolder, istioSaysOfValues, templateChart, type Chart, type Release } from './harness/helm.ts';

// Values that make every template of these charts render that a cluster bundle could ask for.
const releases = [
  ['base', { releaseName: 'istio-base', namespace: 'istio-system', values: { defaultRevision: 'default' } }],
  [
    'istiod',
    {
      releaseName: 'istiod',
      namespace: 'istio-system',
      values: {
        pilot: { autoscaleMin: 2 },
        revisionTags: ['canary', 'prod'],
        experimental: { stableValidationPolicy: true },
        global: { networkPolicy: { enabled: true } },
      },
    },
  ],
  [
    'gateway',
    {
      releaseName: 'istio-ingress',
      namespace: 'istio-ingress',
      values: { autoscaling: { minReplicas: 2 }, podDisruptionBudget: { minAvailable: 1 } },
    },
  ],
] as const satisfies readonly (readonly [Chart, Release])[];

const peerAuthentication = {
  apiVersion: 'security.istio.io/v1',
  kind: 'PeerAuthentication',
  metadata: { name: 'default', namespace: 'istio-system' },
  spec: { mtls: { mode: 'STRICT' } },
};

function objectsOf(chart: Chart, release: Release): readonly Resource[] {
  const rendered = templateChart(chart, release);
  if (!rendered.ok) throw new Error(rendered.error);
  return rendered.objects;
}

function kindsOf(chart: Chart, release: Release): readonly string[] {
  return [...new Set(objectsOf(chart, release).map(({ kind }) => kind))].sort();
}

function withValues(chart: Chart, values: Release['values']): string {
  const rendered = templateChart(chart, { releaseName: 'judged', namespace: 'istio-system', values });
  return rendered.ok ? '' : rendered.error;
}

describe("Istio's own charts in Helm", () => {
  const [[, base], [, istiod], [, gateway]] = releases;

  it('render with valid values', () => {
    expect(kindsOf('base', base)).toEqual([
      'CustomResourceDefinition',
      'ServiceAccount',
      'ValidatingWebhookConfiguration',
    ]);
    expect(kindsOf('istiod', istiod)).toEqual([
      'ClusterRole',
      'ClusterRoleBinding',
      'ConfigMap',
      'Deployment',
      'HorizontalPodAutoscaler',
      'MutatingWebhookConfiguration',
      'NetworkPolicy',
      'PodDisruptionBudget',
      'Role',
      'RoleBinding',
      'Service',
      'ServiceAccount',
      'ValidatingAdmissionPolicy',
      'ValidatingAdmissionPolicyBinding',
      'ValidatingWebhookConfiguration',
    ]);
    expect(kindsOf('gateway', gateway)).toEqual([
      'Deployment',
      'HorizontalPodAutoscaler',
      'PodDisruptionBudget',
      'Role',
      'RoleBinding',
      'Service',
      'ServiceAccount',
    ]);
  });

  it('the gateway chart refuses by its schema; unknown keys only at the top', () => {
    expect(withValues('gateway', { replicaCount: 'many' })).toContain("at '/replicaCount': got string");
    expect(withValues('gateway', { replicas: 2 })).toContain("additional properties 'replicas' not allowed");
    expect(withValues('gateway', { service: { nonsense: 1 } })).toBe('');
  });

  it.each(['base', 'istiod'] as const)(
    "%s has no schema; Istio's installer judges its values",
    async (chart) => {
      expect(existsSync(join(chartFolder(chart), 'values.schema.json'))).toBe(false);
      expect(withValues(chart, { nonsense: 1 })).toBe('');
      expect((await istioSaysOfValues({ nonsense: 1 })).join(' ')).toContain('unknown field "nonsense"');
      expect(await istioSaysOfValues({ pilot: { replicaCount: 'many' } })).not.toEqual([]);
      expect(await istioSaysOfValues(chart === 'base' ? base.values : istiod.values)).toEqual([]);
    },
  );

  it('a template fails on what it cannot read', () => {
    expect(withValues('istiod', { profile: 'nonsense' })).toContain('unknown profile nonsense');
    expect(withValues('base', { defaultRevision: 3 })).toContain('incompatible types');
  });

  it("the gateway chart's NetworkPolicy has a key twice, which helm-controller does not take", () => {
    const error = withValues('gateway', { global: { networkPolicy: { enabled: true } } });
    expect(error).toContain('Map keys must be unique');
  });
});

describe("Flux's postBuild", () => {
  const disabled = 'kustomize.toolkit.fluxcd.io/substitute: disabled';

  function object(data: string, name = 'some', annotation = 'a/b: c'): string {
    const metadata = `metadata:\n  name: ${name}\n  annotations:\n    ${annotation}\n`;
    return `apiVersion: v1\nkind: ConfigMap\n${metadata}data:\n  key: ${data}\n`;
  }

  /** The data's key of each object after the substitution, or the error. */
  function after(stream: string, variables: Readonly<Record<string, string>>): unknown {
    const answer = substituted(stream, variables);
    return answer.ok
      ? parseAllDocuments(answer.text).map((document) => document.getIn(['data', 'key']))
      : answer.error;
  }

  it('substitutes, takes a default, and refuses an unset variable', () => {
    expect(after(object('${X}-${Y:=b}'), { X: 'a' })).toEqual(['a-b']);
    expect(after(object('${Y}'), { X: 'a' })).toContain('variable not set (strict mode): "Y"');
  });

  it('leaves what is escaped, and an object that disables it', () => {
    const two = [object('$${X}'), object('${X}', 'other', disabled), object('${X}', 'third')].join('---\n');
    expect(after(two, { X: 'a' })).toEqual(['${X}', '${X}', 'a']);
  });

  it('does nothing where there are no variables', () => {
    expect(after(object('${X}'), {})).toEqual(['${X}']);
  });

  it('drops quotes first: a value that looks like a number or a boolean is one, unless text is about it', () => {
    expect(after(object('"${X}"'), { X: '8080' })).toEqual([8080]);
    expect(after(object('"${X}"'), { X: 'true' })).toEqual([true]);
    expect(after(object('"v${X}"'), { X: '8080' })).toEqual(['v8080']);
  });
});

describe('the orders of dependsOn', () => {
  const diamond = [
    { name: 'd', dependsOn: ['b', 'c'] },
    { name: 'b', dependsOn: ['a'] },
    { name: 'c', dependsOn: ['a'] },
    { name: 'a', dependsOn: [] },
  ];

  it('are all of them, up to the cap', () => {
    expect(dependencyOrders(diamond)).toEqual([
      ['a', 'b', 'c', 'd'],
      ['a', 'c', 'b', 'd'],
    ]);
    expect(dependencyOrders(diamond, 1)).toHaveLength(1);
  });

  it('are none of a cycle or of an unknown name', () => {
    const cycle = [...diamond, { name: 'e', dependsOn: ['f'] }, { name: 'f', dependsOn: ['e'] }];
    expect(() => dependencyOrders(cycle)).toThrow('these wait for each other: e, f');
    expect(() => dependencyOrders([{ name: 'a', dependsOn: ['z'] }])).toThrow('depends on z');
  });
});

describe("an API server without Istio's CRDs", () => {
  const server = new ApiServer();

  beforeAll(async () => {
    await server.start(undefined);
    for (const namespace of ['istio-system', 'istio-ingress']) await server.createNamespace(namespace);
  });

  afterAll(async () => {
    await server.stop();
  });

  async function refusals(resources: readonly Resource[]): Promise<readonly string[]> {
    const said: string[] = [];
    for (const resource of resources) {
      const { status, body } = await server.apply(resource, false);
      if (status >= 300) said.push(`${resource.kind} ${resource.metadata.name}: ${body.message ?? ''}`);
    }
    return said;
  }

  it('takes all that the charts render, and only after base an Istio object', async () => {
    await expect(server.apply(peerAuthentication, true)).rejects.toThrow('has no security.istio.io/v1');
    for (const [chart, release] of releases)
      expect([chart, await refusals(objectsOf(chart, release))]).toEqual([chart, []]);
    expect(await refusals([peerAuthentication])).toEqual([]);
    const first = await server.apply(peerAuthentication, false);
    const second = await server.apply(peerAuthentication, false);
    expect(second.body.metadata?.resourceVersion).toBe(first.body.metadata?.resourceVersion);
  });

  it("refuses what istiod's chart makes of a wrong value", async () => {
    const values = { pilot: { autoscaleMin: 'two' } };
    const objects = objectsOf('istiod', { releaseName: 'istiod', namespace: 'istio-system', values });
    const autoscaler = objects.filter(({ kind }) => kind === 'HorizontalPodAutoscaler');
    expect((await refusals(autoscaler)).join(' ')).toContain('minReplicas: expected numeric');
  });

  it('judges a HelmRelease', async () => {
    const release = {
      apiVersion: 'helm.toolkit.fluxcd.io/v2',
      kind: 'HelmRelease',
      metadata: { name: 'istiod', namespace: 'istio-system' },
      spec: {
        interval: '10m',
        chart: {
          spec: { chart: 'istiod', version: '1.30.x', sourceRef: { kind: 'HelmRepository', name: 'istio' } },
        },
      },
    };
    expect(await refusals([release])).toEqual([]);
    // One mistake at a time: of several the server names any.
    for (const [field, value] of [
      ['nonsense', true],
      ['dependsOn', 'istio-base'],
    ] as const) {
      const wrong = { ...release, spec: { ...release.spec, [field]: value } };
      const [said] = await refusals([wrong]);
      expect(said).toContain(`.spec.${field}`);
    }
  });
});
