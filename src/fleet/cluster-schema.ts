import { z } from 'zod';
import {
  dayText,
  dnsName,
  flag,
  label,
  labelName,
  list,
  map,
  oneOf,
  pathText,
  portNumber,
  reasonText,
  repositoryName,
  text,
} from './shapes.ts';

/** @see https://docs.aws.amazon.com/acm/latest/userguide/acm-overview.html */
const certificateArn = text(
  'the ARN of an ACM certificate, such as arn:aws:acm:eu-west-1:123456789012:certificate/…',
  /^arn:aws[a-z-]*:acm:[a-z0-9-]+:[0-9]{12}:certificate\/[A-Za-z0-9-]+$/,
);

const loadBalancer = map(
  {
    scheme: oneOf(['internal', 'internet-facing']).optional().describe('Default: internal.'),
    certificateArn: z
      .union([certificateArn, list(certificateArn, 'ARNs').min(1, { error: 'at least one ARN' })], {
        error: 'the ARN of an ACM certificate, or a list of them',
      })
      .optional()
      .describe('ACM certificate of the listener; of a list the first is the default one.'),
    annotations: z
      .record(
        text(
          'an annotation such as alb.ingress.kubernetes.io/tags',
          /^[a-z0-9.-]{1,253}\/[A-Za-z0-9._-]{1,63}$/,
        ),
        z.string({ error: 'text' }),
        { error: 'a map of annotations' },
      )
      .optional()
      .describe('Further annotations of the Ingress.'),
  },
  'a map that describes a load balancer',
);

const exemption = map(
  {
    namespace: labelName.describe('Namespace that STRICT does not wait for.'),
    reason: reasonText.describe('Reason, shown in the pull request.'),
    until: dayText.describe('Last day of the exemption.'),
  },
  'a map with namespace, reason and until',
);

/** What a cluster says for itself, or clusterDefaults for all. */
export const clusterShape = {
  repository: repositoryName
    .optional()
    .describe(
      'Repository that Flux builds this cluster from. Without one, no bundle is generated for the cluster.',
    ),
  path: pathText
    .optional()
    .describe("Directory of the cluster's own Flux objects. Default: clusters/{cluster}."),
  base: pathText.optional().describe('Directory of what the clusters share. Default: infrastructure/mesh.'),
  mode: oneOf(['permissive', 'strict'])
    .optional()
    .describe('permissive: plaintext is still accepted. strict: it is refused. Default: permissive.'),
  istioVersion: text(
    'an exact Istio version such as 1.30.3',
    /^1\.[0-9]{1,3}\.[0-9]{1,3}(?:-[0-9A-Za-z.-]+)?$/,
  )
    .optional()
    .describe('Exact version of the charts on this cluster. Default: mesh.istioVersion.'),
  region: text('an AWS region such as eu-west-1', /^[a-z]{2}(?:-[a-z]+){1,3}-[0-9]$/)
    .optional()
    .describe('AWS region of the cluster.'),
  domain: dnsName.optional().describe("Domain of its hosts. Default: the environment's."),
  images: map(
    {
      registry: text(
        'a registry with its path, such as 123456789012.dkr.ecr.eu-west-1.amazonaws.com/istio',
        /^[a-z0-9][a-z0-9.-]*(?::[0-9]{1,5})?(?:\/[a-z0-9][a-z0-9._-]*)*$/,
      ).describe("Private registry that Istio's images are copied to."),
      tag: text('an image tag such as 1.30.3-distroless', /^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/)
        .optional()
        .describe('Tag of the images. Default: the version of the charts.'),
    },
    'a map with registry and tag',
  )
    .optional()
    .describe("Where Istio's images come from. Default: Docker Hub."),
  charts: text(
    'an address such as oci://registry.example.com/istio/charts',
    /^(?:oci|https):\/\/[A-Za-z0-9][A-Za-z0-9.-]*(?::[0-9]{1,5})?(?:\/[A-Za-z0-9][A-Za-z0-9._-]*)*$/,
  )
    .optional()
    .describe("Where Istio's charts come from. Default: Istio's own OCI registry."),
  loadBalancer: loadBalancer
    .optional()
    .describe(
      'Application Load Balancer in front of the shared gateway. Without one, no Ingress is generated.',
    ),
  sharedVpc: flag.optional().describe('Whether other clusters use the same VPC. Default: false.'),
  prerequisites: list(dnsName, 'names')
    .optional()
    .describe('Flux Kustomizations that install cert-manager and the AWS Load Balancer Controller.'),
  source: map(
    {
      kind: oneOf(['GitRepository', 'OCIRepository']).optional().describe('Default: GitRepository.'),
      name: dnsName.optional().describe('Default: flux-system.'),
    },
    'a map with kind and name',
  )
    .optional()
    .describe('Flux source that holds the repository.'),
  variables: z
    .record(
      text('a variable name of letters, digits and _', /^[A-Za-z_][A-Za-z0-9_]{0,62}$/),
      z.string({ error: 'text' }),
      { error: 'a map of variables' },
    )
    .optional()
    .describe('Variables for what you add to the base yourself, written there as ${name}.'),
  exemptions: list(exemption, 'exemptions').optional().describe('Namespaces that STRICT does not wait for.'),
};

/** What the shared gateway's map says for the clusters' bundles. */
export const controlPlaneShape = {
  release: labelName
    .optional()
    .describe('Helm release of the gateway chart, and name of its Service. Default: istio-ingressgateway.'),
  hosts: oneOf(['any', 'namespaces'])
    .optional()
    .describe(
      'Hosts of the shared Gateway. any: every namespace may claim every host. namespaces: only those of this fleet may. Default: any.',
    ),
};

export const tracing = map(
  {
    collector: text(
      'a service as name.namespace',
      new RegExp(`^${label}\\.${label}(?:\\.svc\\.cluster\\.local)?$`),
    ).describe('OpenTelemetry collector that exports to CloudWatch, as name.namespace.'),
    port: portNumber.optional().describe('Its OTLP gRPC port. Default: 4317.'),
    sampling: z
      .number({ error: 'a percentage from 0 to 100' })
      .min(0, { error: 'a percentage from 0 to 100' })
      .max(100, { error: 'a percentage from 0 to 100' })
      .optional()
      .describe('Percentage of requests that are traced. Default: 1.'),
    tags: z
      .record(text('a tag name', /^[A-Za-z_][A-Za-z0-9_.]{0,62}$/), z.string({ error: 'text' }), {
        error: 'a map of tags',
      })
      .optional()
      .describe('Further tags of every span, with a fixed value.'),
  },
  'a map that describes tracing',
);
