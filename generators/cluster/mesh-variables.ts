import { clusterGenerator } from './shared.ts';

/** Everything a cluster's builds do not share, as variables that Flux fills in.
 *  @see https://fluxcd.io/flux/components/kustomize/kustomizations/#post-build-variable-substitution */
export default clusterGenerator({
  id: 'mesh-variables',
  part: 'cluster',
  why: (stage) => (stage === 'strict' ? 'every sidecar refuses plaintext' : 'what differs between clusters'),
  owned: {
    file: 'mesh-variables.yaml',
    template: 'cluster/mesh-variables.yaml.hbs',
    role: { kind: 'resource' },
    view: (spec) => ({
      variables: [
        ['cluster_name', spec.cluster],
        ['environment', spec.environment],
        ['domain', spec.domain],
        ['mtls_mode', spec.stage === 'strict' ? 'STRICT' : 'PERMISSIVE'],
        ['istio_version', spec.istioVersion],
        ['istio_charts', spec.charts],
        ['istio_hub', spec.imageRegistry],
        ['istio_tag', spec.imageTag],
        ...(spec.loadBalancer === undefined
          ? []
          : [
              ['load_balancer_scheme', spec.loadBalancer.scheme],
              ['certificate_arn', spec.loadBalancer.certificates.join(',')],
            ]),
        ...Object.entries(spec.variables),
      ].map(([name, value]) => ({ name, value })),
    }),
  },
});
