import { keyOf } from '../model/key-of.ts';
import type { RepositoryId } from '../model/named.ts';
import type { Problem } from '../model/problem.ts';
import type { Build, ClusterEntry } from './build.ts';
import type { BuiltObject, FluxKustomization } from './flux-object.ts';

const said = {
  frozen: 'is not followed',
  failed: 'does not build',
  unknown: 'could not be read',
} as const;

const unbuiltKinds = {
  frozen: { rule: 'flux-suspended', fix: 'Resume it in Git; until then, expect what it applied last.' },
  failed: { rule: 'flux-build-failed', fix: 'Correct its path or its source.' },
  unknown: {
    rule: 'flux-build-unknown',
    fix: 'Declare what depends on it in fleet.yaml, or give access to its source.',
  },
} as const;

export function unbuilt(
  build: Pick<Build, 'id' | 'variables'> & Partial<Pick<Build, 'repository' | 'directory' | 'kustomization'>>,
  state: 'frozen' | 'unknown' | 'failed',
  why: string,
): Build {
  const { id, variables, kustomization, repository, directory } = build;
  const problem: Problem = {
    ...unbuiltKinds[state],
    severity: state === 'failed' ? 'error' : 'warning',
    message: `${id === '' ? 'The entry of the cluster' : `The Kustomization ${id}`} ${said[state]}: ${why}.`,
    ...(kustomization !== undefined && {
      repository: kustomization.repository,
      ...kustomization.manifest.locationOf(['spec']),
    }),
  };
  return {
    id,
    kustomization,
    repository,
    directory,
    state,
    why,
    objects: [],
    reads: new Set(),
    variables,
    problems: [problem],
  };
}

export function assumed(kustomization: FluxKustomization, repository: RepositoryId): Problem {
  const { source } = kustomization;
  return {
    rule: 'flux-source-assumed',
    severity: 'info',
    message: `Nothing in Git defines ${source.kind} ${source.namespace}/${source.name}; it is assumed to be ${repository} itself, as flux bootstrap creates it.`,
    repository: kustomization.repository,
    ...kustomization.manifest.locationOf(['spec', 'sourceRef']),
  };
}

/** Objects that two Kustomizations apply: each takes it back from the other. */
export function twoOwners(builds: readonly Build[]): readonly Problem[] {
  const owners = new Map<string, { readonly build: Build; readonly object: BuiltObject }>();
  const problems: Problem[] = [];
  for (const build of builds)
    for (const object of build.objects) {
      const { manifest } = object;
      const key = keyOf(manifest.group, manifest.kind, manifest.builtNamespace, manifest.builtName);
      const first = owners.get(key);
      if (first === undefined) owners.set(key, { build, object });
      else if (first.build !== build)
        problems.push({
          rule: 'flux-two-owners',
          severity: 'warning',
          message: `${manifest.kind} ${manifest.builtName} is built by ${nameOf(first.build)} and by ${nameOf(build)}: each reverts the other's changes.`,
          fix: 'Let one of them build it.',
          repository: object.repository,
          ...manifest.locationOf(['metadata', 'name']),
        });
    }
  return problems;
}

function nameOf({ id, release }: Build): string {
  if (release !== undefined) return `the ${id}`;
  return id === '' ? 'the entry of the cluster' : `the Kustomization ${id}`;
}

export function notSettled({ repository, directory }: ClusterEntry): Problem {
  return {
    rule: 'flux-not-settled',
    severity: 'error',
    message: `The Kustomizations below ${directory || 'the root'} build each other without end; they were not followed any further.`,
    fix: 'Look for a Kustomization that builds or changes itself.',
    repository,
    file: directory,
  };
}
