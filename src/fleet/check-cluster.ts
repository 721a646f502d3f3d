import type { ClusterSpec } from '../model/fleet.ts';
import { nearest } from './nearest.ts';
import type { FleetSource } from './source.ts';
import type { WrittenCluster } from './written-cluster.ts';

/** Variables that the bundle itself gives each cluster. */
const ownVariables: readonly string[] = [
  'cluster_name',
  'environment',
  'domain',
  'mtls_mode',
  'istio_version',
  'istio_charts',
  'istio_hub',
  'istio_tag',
  'load_balancer_scheme',
  'certificate_arn',
];

/** What one cluster's values must be beside their shape. */
export function checkCluster(written: WrittenCluster, spec: ClusterSpec, source: FleetSource): void {
  checkVersions(written, spec, source);
  checkCertificates(written, spec, source);
  checkVariables(written, spec, source);
  checkExemptions(written, spec, source);
}

/** FIELD-REPORT 4, trap 2: a chart of one version with an istiod of another fails in the injector's template. */
function checkVersions({ placeOf }: WrittenCluster, spec: ClusterSpec, source: FleetSource): void {
  const { istioVersion, imageTag } = spec;
  if (imageTag === istioVersion || imageTag.startsWith(`${istioVersion}-`)) return;
  source.report(
    'fleet-version-mismatch',
    [...placeOf('images'), 'tag'],
    `Cluster "${spec.cluster}" combines charts ${istioVersion} with images ${imageTag}: istiod cannot render an injection template of another version.`,
    `Set tag to ${istioVersion} (a variant such as ${istioVersion}-distroless is fine), or remove it.`,
  );
}

function checkCertificates(
  { entry, at, placeOf }: WrittenCluster,
  spec: ClusterSpec,
  source: FleetSource,
): void {
  if (spec.domain === '')
    source.report(
      'fleet-missing-key',
      at,
      `Cluster "${spec.cluster}" has no domain. The certificate of its gateway needs one.`,
      'Set a domain for the cluster or its environment.',
    );
  const { loadBalancer } = spec;
  if (loadBalancer === undefined) return;
  if (loadBalancer.certificates.length === 0)
    source.report(
      'fleet-domain-without-certificate',
      placeOf('loadBalancer'),
      `Cluster "${spec.cluster}" has no certificate for its domain ${spec.domain}, so the load balancer cannot open its HTTPS listener.`,
      `Set certificateArn to an ACM certificate for *.${spec.domain}.`,
    );
  if (entry.region === undefined) return;
  for (const arn of loadBalancer.certificates) {
    const region = arn.split(':')[3] ?? '';
    if (region !== entry.region)
      source.report(
        'fleet-certificate-region',
        [...placeOf('loadBalancer'), 'certificateArn'],
        `Cluster "${spec.cluster}" is in ${entry.region}, but its certificate is in ${region}. A load balancer only accepts certificates from its own region.`,
        `Request the certificate in ${entry.region}, or correct region.`,
      );
  }
}

function checkVariables({ placeOf }: WrittenCluster, spec: ClusterSpec, source: FleetSource): void {
  for (const name of Object.keys(spec.variables))
    if (ownVariables.includes(name))
      source.report(
        'fleet-cluster-variable',
        [...placeOf('variables'), name],
        `The variable "${name}" is set by Meshwright itself.`,
        'Use another name.',
      );
  // Flux puts the values into YAML as they are: a cluster called 1e3 would become a number.
  for (const [key, value] of [
    ['cluster', spec.cluster],
    ['environment', spec.environment],
  ] as const)
    if (/^(?:[0-9][0-9.e_]*|true|false|null|yes|no|on|off|y|n)$/.test(value))
      source.report(
        'fleet-cluster-variable',
        placeOf('name'),
        `The ${key} name "${value}" becomes a number or a boolean when Flux substitutes it.`,
        'Use a name that YAML reads as a string, such as lab-1.',
      );
}

function checkExemptions({ placeOf }: WrittenCluster, spec: ClusterSpec, source: FleetSource): void {
  const known = spec.namespaces.map(({ namespace }) => namespace as string);
  for (const [index, { namespace }] of spec.exemptions.entries()) {
    // A caller outside of the fleet may be exempted too; only what looks like a slip is reported.
    const guess = known.includes(namespace) ? undefined : nearest(namespace, known);
    if (guess !== undefined)
      source.report(
        'fleet-unknown-namespace',
        [...placeOf('exemptions'), index, 'namespace'],
        `The fleet has no namespace "${namespace}" in environment "${spec.environment}".`,
        `Did you mean ${guess}?`,
        'warning',
      );
  }
}
