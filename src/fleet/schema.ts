import { z } from 'zod';
import { includePattern } from './include.ts';
import { lintShape } from './lint-config.ts';
import { gatesShape, limitsShape } from './pacing.ts';
import { clusterShape, controlPlaneShape, tracing } from './cluster-schema.ts';
import { complete, external, service } from './service-schema.ts';
import {
  dnsName,
  flag,
  label,
  labelName,
  list,
  map,
  oneOf,
  pathText,
  reasonText,
  repositoryName,
  text,
} from './shapes.ts';

const stages = ['outside', 'joined', 'enforced'] as const;
const stage = oneOf(stages).describe(
  'outside: untouched. joined: in the mesh, nothing is refused. enforced: policies, REGISTRY_ONLY and ISTIO_MUTUAL in force.',
);

const namespaceManifest = z.union(
  [
    oneOf(['search', 'create', 'external', 'cluster']),
    map(
      {
        repository: repositoryName.optional().describe("Default: the namespace's own repository."),
        path: pathText.describe('The file that holds the Namespace manifest.'),
      },
      'a map with repository and path',
    ),
  ],
  { error: 'search, create, external, cluster, or a map with repository and path' },
);

const shared = {
  repository: repositoryName
    .optional()
    .describe('Repository as owner/name. Default: what the clusters build the namespace from.'),
  path: pathText
    .optional()
    .describe(
      'Directory that Flux builds. {namespace}, {environment}, {cluster} and {domain} are filled in. Default: what the clusters build the namespace from.',
    ),
  environments: list(labelName, 'environment names')
    .optional()
    .describe('Where the namespace exists. Default: every environment.'),
  stage: z
    .union([stage, z.record(z.string(), stage, { error: 'a map of environment to stage' })], {
      error: 'outside, joined or enforced, or a map of environment to stage',
    })
    .optional()
    .describe('Stage of the namespace, in all environments or per environment. Default: outside.'),
  namespaceManifest: namespaceManifest
    .optional()
    .describe('Where the only Namespace manifest is. Default: search the directory.'),
  healthChecks: list(text('a path that starts with /', /^\/[\x21-\x7e]*$/), 'paths')
    .optional()
    .describe('Paths anyone may GET; [] drops that policy.'),
  previousGateways: oneOf(['keep', 'drop'])
    .optional()
    .describe('What happens to the gateways that VirtualServices use today. Default: keep.'),
  kubernetesApi: flag.optional().describe('Whether pods call the Kubernetes API. Default: false.'),
};

const namespace = map(
  {
    name: labelName.describe('Name of the Kubernetes namespace.'),
    ...shared,
    otherPaths: list(pathText, 'paths')
      .optional()
      .describe(
        'Other directories of the repository that Flux builds pods or Services of the namespace from. The pods are restarted there too. Placeholders as in path.',
      ),
    services: list(service, 'services').optional().describe('The Services of the namespace.'),
    external: list(external, 'external hosts')
      .optional()
      .describe('Hosts outside the cluster that it calls.'),
    accept: map(
      {
        'namespace-injection-disabled': reasonText
          .optional()
          .describe('Why the label istio-injection: disabled of the Namespace may go.'),
      },
      'a map of a decision to the reason why it may be overruled',
    )
      .optional()
      .describe('Decisions in the manifests that are overruled on purpose, each with the reason.'),
    complete: complete
      .optional()
      .describe('The same statement for all services and workloads of the namespace.'),
  },
  'a map that describes a namespace',
);

const mesh = map(
  {
    istioVersion: text(
      'an exact Istio version such as 1.30.3',
      /^1\.[0-9]{1,3}\.[0-9]{1,3}(?:-[0-9A-Za-z.-]+)?$/,
    ).describe('Exact version of the Istio charts.'),
    revision: labelName.describe('Value of the label istio.io/rev: a revision tag or a revision.'),
    rootNamespace: labelName.optional().describe('Default: istio-system.'),
    trustDomain: dnsName.optional().describe('Default: cluster.local.'),
    gateway: map(
      {
        name: labelName.optional().describe('Default: istio-shared-gateway.'),
        namespace: labelName
          .optional()
          .describe('Namespace of the Gateway object. Default: the root namespace.'),
        podNamespace: labelName
          .optional()
          .describe("Namespace the gateway's pods run in. Default: that of the Gateway object."),
        serviceAccount: dnsName.describe(
          "Service account of the gateway's pods. It depends on how the gateway was installed: look it up.",
        ),
        ...controlPlaneShape,
      },
      'a map that describes the shared gateway',
    ),
    providers: list(
      text('a service as name.namespace', new RegExp(`^${label}\\.${label}(?:\\.svc\\.cluster\\.local)?$`)),
      'services',
    )
      .optional()
      .describe('Services that the proxies themselves call: tracing, external authorization.'),
    dnsCapture: flag.optional().describe('Whether proxies resolve DNS themselves. Default: false.'),
    controlPlaneRevision: labelName
      .optional()
      .describe(
        'revision of the istiod chart, where mesh.revision is a tag on it. Default: the same as mesh.revision.',
      ),
    tracing: tracing.optional().describe('Where the proxies send spans.'),
  },
  'a map that describes the mesh',
);

const forge = map(
  {
    kind: oneOf(['github', 'local']).describe(
      'github: github.com or GitHub Enterprise. local: bare repositories in a folder.',
    ),
    api: text(
      'an https URL',
      /^https:\/\/[A-Za-z0-9.-]+(?::[0-9]{1,5})?(?:\/[\x21-\x7e]*)?$|^http:\/\/(?:127\.0\.0\.1|localhost)(?::[0-9]{1,5})?(?:\/[\x21-\x7e]*)?$/,
    )
      .optional()
      .describe(
        'Root of the REST API, on the host that the operator names (MESHWRIGHT_GITHUB_HOST). Default: https://api.github.com, or that of the host; GitHub Enterprise: https://HOST/api/v3.',
      ),
    directory: z
      .string({ error: 'a folder' })
      .min(1, { error: 'a folder' })
      .optional()
      .describe('Folder of the local forge, relative to this file.'),
    branchPrefix: text(
      'a branch name',
      /^(?!.*(?:\.\.|\/\/|\/\.|\.lock(?:\/|$)))[A-Za-z0-9][A-Za-z0-9._/-]{0,99}(?<![./])$/,
    )
      .optional()
      .describe('First part of branch names. Default: meshwright.'),
    baseBranch: text(
      'a branch name',
      /^(?!.*(?:\.\.|\/\/|\/\.|\.lock(?:\/|$)))[A-Za-z0-9][A-Za-z0-9._/-]{0,199}(?<![./])$/,
    )
      .optional()
      .describe("Base branch of pull requests. Default: the repository's default branch."),
    labels: list(
      z
        .string({ error: 'a label' })
        .min(1, { error: 'a label' })
        .max(50, { error: 'a label of at most 50 characters' }),
      'labels',
    )
      .optional()
      .describe('Labels of every pull request.'),
    reviewers: list(
      text('a login, or a team as organisation/team', /^[A-Za-z0-9-]+(?:\/[A-Za-z0-9._-]+)?$/),
      'logins',
    )
      .optional()
      .describe('Logins; organisation/team requests a team.'),
    draft: flag.optional().describe('Whether pull requests start as drafts. Default: false.'),
    limits: limitsShape.optional().describe('Rate limits for requests to the forge.'),
  },
  'a map that describes the forge',
);

const environment = map(
  {
    name: labelName.describe('Name of the environment, such as lab.'),
    domain: dnsName.optional().describe('Value of {domain}.'),
    clusters: list(
      z.union(
        [
          labelName,
          map(
            { name: labelName.describe('Name of the cluster.'), ...clusterShape },
            'a map that describes a cluster',
          ),
        ],
        {
          error: 'a name, or a map that describes a cluster',
        },
      ),
      'clusters',
    )
      .optional()
      .describe('Clusters of the environment.'),
  },
  'a map with name, domain and clusters',
);

const templates = z
  .union(
    [
      z.string().min(1).describe('Folder with templates of your own, relative to this file.'),
      map(
        {
          repository: repositoryName.describe('Repository of the forge that holds the templates.'),
          ref: z
            .string({ error: 'a tag' })
            .regex(/^(?!.*\.\.)[A-Za-z0-9][A-Za-z0-9._/-]*$/, { error: 'a tag or a branch' })
            .describe('Tag (or branch) to take them from.'),
          path: z.string().min(1, { error: 'a folder' }).optional().describe('Folder in the repository.'),
        },
        'a map with repository and ref',
      ),
    ],
    { error: 'a folder, or a map with repository and ref' },
  )
  .describe('Templates of your own: a folder, or a repository at a tag.');

/** The whole file. The only description of its shape: loader, JSON Schema and documentation derive from it. */
export const fleetSchema = map(
  {
    version: z.literal(1, { error: '1' }).describe('Version of this format.'),
    mesh: mesh.describe('Settings of the whole mesh.'),
    forge: forge.describe('Where repositories and pull requests live.'),
    templates: templates.optional(),
    clusterDefaults: map(clusterShape, 'a map of defaults for clusters')
      .optional()
      .describe('Defaults for every cluster.'),
    environments: list(environment, 'environments')
      .min(1, { error: 'a list of at least one environment' })
      .describe('Environments in promotion order.'),
    defaults: map(shared, 'a map of defaults').optional().describe('Defaults for every namespace.'),
    include: list(
      text(
        'a path below the folder of this file; * and ? stand for characters of a name, ** for any folders',
        includePattern,
      ),
      'paths',
    )
      .optional()
      .describe('Files that hold more namespaces, by their paths from this file: teams/*.yaml'),
    namespaces: list(namespace, 'namespaces').describe('The namespaces to move into the mesh.'),
    waves: list(
      map(
        {
          name: labelName.describe('Name of the wave.'),
          namespaces: list(labelName, 'namespaces')
            .min(1, { error: 'a list of at least one namespace' })
            .describe('Namespaces that move together.'),
        },
        'a map with name and namespaces',
      ),
      'waves',
    )
      .optional()
      .describe('Order in which namespaces move; meshwright wave plan proposes one.'),
    gates: gatesShape
      .optional()
      .describe('What a merged pull request must have done before the next one opens.'),
    lint: lintShape.optional().describe('Configuration of lint.'),
  },
  'a map with version, mesh, forge, environments and namespaces',
);

export type FleetFile = z.output<typeof fleetSchema>;
/** A namespace as written in the file. */
export type NamespaceEntry = z.output<typeof namespace>;
export type FleetServiceEntry = z.output<typeof service>;
export type MeshEntry = z.output<typeof mesh>;
export type ForgeEntry = z.output<typeof forge>;
export type FleetClusterEntry = Exclude<NonNullable<EnvironmentEntry['clusters']>[number], string>;
export type EnvironmentEntry = z.output<typeof environment>;

/** What `meshwright new --answers` reads. */
export const answersSchema = namespace.extend({ then: oneOf(['write', 'open', 'print']).optional() });
