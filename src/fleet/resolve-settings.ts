import type { ForgeSpec, MeshSpec, TemplatesSpec } from '../model/fleet.ts';
import type { NamespaceName, RepoPath, RepositoryId } from '../model/named.ts';
import { parseRepoPath } from '../model/repo-path.ts';
import { resolveLimits } from './pacing.ts';
import type { FleetFile, ForgeEntry, MeshEntry } from './schema.ts';
import type { FleetSource } from './source.ts';

export function resolveMesh(mesh: MeshEntry): MeshSpec {
  const rootNamespace = (mesh.rootNamespace ?? 'istio-system') as NamespaceName;
  const gatewayNamespace = (mesh.gateway.namespace ?? rootNamespace) as NamespaceName;
  return {
    istioVersion: mesh.istioVersion,
    revision: mesh.revision,
    rootNamespace,
    trustDomain: mesh.trustDomain ?? 'cluster.local',
    gateway: {
      name: mesh.gateway.name ?? 'istio-shared-gateway',
      namespace: gatewayNamespace,
      podNamespace: (mesh.gateway.podNamespace ?? gatewayNamespace) as NamespaceName,
      serviceAccount: mesh.gateway.serviceAccount,
    },
    providers: [
      ...new Set([
        ...(mesh.providers ?? []),
        ...(mesh.tracing === undefined ? [] : [mesh.tracing.collector]),
      ]),
    ].map((provider) => {
      const [service = '', namespace = ''] = provider.split('.');
      return { namespace: namespace as NamespaceName, service };
    }),
    dnsCapture: mesh.dnsCapture ?? false,
  };
}

export function resolveForge(forge: ForgeEntry, source: FleetSource): ForgeSpec {
  if (forge.kind === 'local' && forge.directory === undefined)
    source.report(
      'fleet-missing-key',
      ['forge'],
      'A local forge needs a directory.',
      'Add directory: the folder of its repositories.',
    );
  if (forge.kind === 'github' && forge.directory !== undefined)
    source.report(
      'fleet-bad-value',
      ['forge', 'directory'],
      'directory is for a local forge only.',
      'Remove it, or set kind: local.',
    );
  if (forge.kind === 'local' && forge.api !== undefined)
    source.report(
      'fleet-bad-value',
      ['forge', 'api'],
      'api is for a GitHub forge only.',
      'Remove it, or set kind: github.',
    );
  const common = {
    branchPrefix: forge.branchPrefix ?? 'meshwright',
    baseBranch: forge.baseBranch,
    labels: forge.labels ?? [],
    reviewers: forge.reviewers ?? [],
    draft: forge.draft ?? false,
    limits: resolveLimits(forge.limits),
  };
  return forge.kind === 'local'
    ? { kind: 'local', directory: forge.directory ?? '', ...common }
    : { kind: 'github', api: forge.api?.replace(/(?<!\/)\/+$/, ''), ...common };
}

export function resolveTemplates(
  entry: FleetFile['templates'],
  source: FleetSource,
): TemplatesSpec | undefined {
  if (entry === undefined) return undefined;
  if (typeof entry === 'string') return { kind: 'folder', folder: entry };
  const path = parseRepoPath(entry.path ?? '');
  if (path === undefined)
    source.report(
      'fleet-bad-path',
      ['templates', 'path'],
      'path must stay inside the repository.',
      'Write it relative to the root of the repository.',
    );
  return {
    kind: 'repository',
    repository: entry.repository as RepositoryId,
    ref: entry.ref,
    path: path ?? ('' as RepoPath),
  };
}
