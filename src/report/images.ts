import { shellCommand, shellComment } from '../model/shell.ts';

/** What a private registry must hold for a cluster. */
export interface Mirror {
  readonly registry: string;
  readonly tag: string;
  readonly version: string;
  /** `oci://…` of the user's own; undefined: charts come from Istio's. */
  readonly charts: string | undefined;
}

/** One copy: reference to reference. */
export interface Copy {
  readonly from: string;
  readonly to: string;
}

const publicImages = 'docker.io/istio';
const publicCharts = 'registry.istio.io/release/charts';

/** Images that the control plane, the gateway and every sidecar run, and the charts where these are mirrored too. */
export function copiesOf({ registry, tag, version, charts }: Mirror): readonly Copy[] {
  const images = ['pilot', 'proxyv2'].map((name) => ({
    from: `${publicImages}/${name}:${tag}`,
    to: `${registry}/${name}:${tag}`,
  }));
  if (charts === undefined) return images;
  const folder = charts.replace(/^oci:\/\//, '');
  return [
    ...images,
    ...['base', 'istiod', 'gateway'].map((name) => ({
      from: `${publicCharts}/${name}:${version}`,
      to: `${folder}/${name}:${version}`,
    })),
  ];
}

/** A shell script that copies all of it; run where both registries can be reached. */
export function copyScript(copies: readonly Copy[], tool: 'crane' | 'skopeo'): string {
  const registries = [...new Set(copies.map(({ to }) => to.split('/')[0] ?? ''))];
  return [
    '#!/bin/sh',
    `# Copies Istio's images (all platforms) and charts. Needs ${tool}${registries.some(isEcr) ? ' and the AWS CLI' : ''}.`,
    'set -eu',
    ...registries.flatMap((registry) => logIn(registry, tool)),
    ...copies.flatMap(({ from, to }) => [
      ...createRepository(to),
      tool === 'crane'
        ? shellCommand('crane', 'copy', '--', from, to)
        : shellCommand('skopeo', 'copy', '--all', '--', `docker://${from}`, `docker://${to}`),
    ]),
    '',
  ].join('\n');
}

function isEcr(registry: string): boolean {
  return /^[0-9]{12}\.dkr\.ecr\.[a-z0-9-]+\.amazonaws\.com(?:\.cn)?$/.test(registry);
}

function regionOf(registry: string): string {
  return registry.split('.')[3] ?? '';
}

/** The password goes from one program to the other, past the command line and the disk. */
function logIn(registry: string, tool: 'crane' | 'skopeo'): readonly string[] {
  const program = tool === 'crane' ? ['crane', 'auth', 'login'] : ['skopeo', 'login'];
  if (!isEcr(registry))
    return [shellComment(`Log in to ${registry} first: ${shellCommand(...program, '--', registry)}`)];
  const password = shellCommand('aws', 'ecr', 'get-login-password', '--region', regionOf(registry));
  return [
    `${password} | ${shellCommand(...program, '--username', 'AWS', '--password-stdin', '--', registry)}`,
  ];
}

/** ECR makes no repository by itself. */
function createRepository(to: string): readonly string[] {
  const [registry = '', ...path] = to.split('/');
  if (!isEcr(registry)) return [];
  const name = path.join('/').replace(/:[^:]*$/, '');
  const ecr = (verb: string, option: string) =>
    shellCommand('aws', 'ecr', verb, '--region', regionOf(registry), `${option}=${name}`);
  return [
    `${ecr('describe-repositories', '--repository-names')} >/dev/null 2>&1 ||`,
    `  ${ecr('create-repository', '--repository-name')} >/dev/null`,
  ];
}
