import type { Inventory } from '../../mesh/inventory.ts';
import { hasPlaceholder } from '../../mesh/placeholder.ts';
import type { Workload } from '../../mesh/workload.ts';
import { listAt, stringAt, type YamlPath } from '../../model/json.ts';
import { keyOf } from '../../model/key-of.ts';
import type { Resource } from '../../model/resource.ts';
import type { Exit } from '../../model/traffic.ts';
import { evidenceAt, exitCollector } from '../entrance.ts';
import { callerOf } from '../ways.ts';

/** What AWS SDKs call on behalf of a workload: STS for a role of its account (IRSA), the agent of EKS Pod Identity, the
 *  instance's metadata service where nothing else gives credentials, and the endpoints of the services whose ARNs and
 *  buckets its variables name. Registries are the node's.
 *  @see https://docs.aws.amazon.com/sdkref/latest/guide/standardized-credentials.html
 *  @see https://docs.aws.amazon.com/eks/latest/userguide/pod-id-how-it-works.html */
export default exitCollector({
  way: 'credentials',
  *find(inventory) {
    const associations = inventory.once(associatedAccounts);
    for (const workload of inventory.workloads) {
      const { namespace, serviceAccount } = workload;
      const from = callerOf(workload, inventory);
      const to = (host: string, port: number, resource: Resource, path: YamlPath): Exit => ({
        from,
        to: { kind: 'host', host, port },
        protocol: port === 80 ? 'http' : 'tcp',
        evidence: evidenceAt(resource, path, 'credentials'),
      });
      const account = inventory.find('ServiceAccount', namespace, serviceAccount);
      const association = associations.get(keyOf(namespace, serviceAccount));
      const variables = variablesOf(workload);
      const region = regionOf(variables) ?? inventory.once(regionOfCluster);
      if (account?.annotations[roleArn] !== undefined)
        yield to(stsHost(account, region), 443, account, ['metadata', 'annotations', roleArn]);
      if (association !== undefined) yield to(podIdentity, 80, association, ['spec']);
      const sdk = variables.find(({ name }) => /^AWS_(?:DEFAULT_)?REGION$/.test(name));
      const hasKeys = variables.some(({ name }) => givesCredentials.has(name));
      const isClosed = variables.some(
        ({ name, value }) => name === 'AWS_EC2_METADATA_DISABLED' && value === 'true',
      );
      if (sdk !== undefined && account?.annotations[roleArn] === undefined && association === undefined)
        if (!hasKeys && !isClosed) yield to(metadata, 80, workload.resource, sdk.path);
      const seen = new Set<string>();
      for (const { value, path, name } of variables)
        for (const host of endpointsOf(name, value, region)) {
          if (seen.has(host)) continue;
          seen.add(host);
          yield to(host, 443, workload.resource, path);
        }
    }
  },
});

const roleArn = 'eks.amazonaws.com/role-arn';
const podIdentity = '169.254.170.23';
const metadata = '169.254.169.254';

const givesCredentials: ReadonlySet<string> = new Set([
  'AWS_ACCESS_KEY_ID',
  'AWS_CONTAINER_CREDENTIALS_FULL_URI',
  'AWS_CONTAINER_CREDENTIALS_RELATIVE_URI',
  'AWS_PROFILE',
  'AWS_SHARED_CREDENTIALS_FILE',
  'AWS_WEB_IDENTITY_TOKEN_FILE',
]);

interface Variable {
  readonly name: string;
  /** undefined: from a Secret, or another object. */
  readonly value: string | undefined;
  readonly path: YamlPath;
}

function variablesOf({ containers }: Workload): readonly Variable[] {
  return containers.flatMap(({ value, path }) =>
    listAt(value, 'env').flatMap((variable, index): Variable[] => {
      const name = stringAt(variable, 'name');
      if (name === undefined) return [];
      return [{ name, value: stringAt(variable, 'value'), path: [...path, 'env', index] }];
    }),
  );
}

const region = /^[a-z]{2}(?:-[a-z]+){1,2}-\d$/;

function regionOf(variables: readonly Variable[]): string | undefined {
  return variables.find(
    ({ name, value }) => /^AWS_(?:DEFAULT_)?REGION$/.test(name) && region.test(value ?? ''),
  )?.value;
}

/** The region of the cluster, where all its workloads that name one name the same. */
function regionOfCluster(inventory: Inventory): string | undefined {
  const found = new Set(inventory.workloads.flatMap((each) => regionOf(variablesOf(each)) ?? []));
  const [only] = found;
  return found.size === 1 ? only : undefined;
}

/** The webhook of EKS sets regional endpoints unless the annotation says otherwise; a region that is not known may be any. */
function stsHost({ annotations }: Resource, known: string | undefined): string {
  if (annotations['eks.amazonaws.com/sts-regional-endpoints'] === 'false') return 'sts.amazonaws.com';
  return known === undefined ? '*.amazonaws.com' : `sts.${known}.amazonaws.com`;
}

/** Accounts that get credentials by EKS Pod Identity, as ACK, Crossplane and others declare it. */
function associatedAccounts(inventory: Inventory): ReadonlyMap<string, Resource> {
  const found = new Map<string, Resource>();
  for (const resource of inventory.resources) {
    if (resource.kind !== 'PodIdentityAssociation') continue;
    for (const at of [[], ['forProvider']]) {
      const account = stringAt(resource.spec, ...at, 'serviceAccount');
      const namespace = stringAt(resource.spec, ...at, 'namespace');
      if (account !== undefined && namespace !== undefined) found.set(keyOf(namespace, account), resource);
    }
  }
  return found;
}

/** Services with an endpoint `<service>.<region>.amazonaws.com` that ARNs name. */
const services: ReadonlySet<string> = new Set([
  'athena',
  'bedrock',
  'dynamodb',
  'events',
  'firehose',
  'glue',
  'kinesis',
  'kms',
  'lambda',
  'logs',
  'secretsmanager',
  'sns',
  'sqs',
  'ssm',
  'states',
]);

function* endpointsOf(name: string, value: string | undefined, known: string | undefined): Iterable<string> {
  const [, service = '', said = ''] = /^arn:aws[a-z-]*:([a-z0-9-]+):([a-z0-9-]*):/.exec(value ?? '') ?? [];
  const where = said === '' ? known : said;
  const suffix = where === undefined ? undefined : `${where}.amazonaws.com`;
  if (services.has(service)) yield suffix === undefined ? '*.amazonaws.com' : `${service}.${suffix}`;
  const isOfS3 = name.startsWith('AWS_') || /(?:^|_)S3(?:_|BUCKET)/.test(name);
  const isBucket = isOfS3 && name.includes('BUCKET');
  if (service !== 's3' && !isBucket) return;
  const bucket = service === 's3' ? (value ?? '').split(':').at(-1)?.split('/')[0] : value;
  const isPlain =
    bucket !== undefined && /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(bucket) && !hasPlaceholder(bucket);
  if (suffix === undefined) yield '*.amazonaws.com';
  else {
    yield isPlain ? `${bucket}.s3.${suffix}` : `*.s3.${suffix}`;
    yield `s3.${suffix}`;
  }
}
