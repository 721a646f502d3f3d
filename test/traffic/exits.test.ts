import { describe, expect, it } from 'vitest';
import { describeCall, type ExitKind } from '../../src/model/traffic.ts';
import { exitsOf } from '../../src/traffic/exits/index.ts';
import { inventoryOf } from '../mesh/manifests.ts';

const exits = (text: string, way: ExitKind): readonly string[] =>
  exitsOf(inventoryOf(text))
    .filter(({ evidence }) => evidence.some((each) => each.way === way))
    .map(describeCall);

const web = (container: string, account = 'web') => `---
apiVersion: apps/v1
kind: Deployment
metadata: {namespace: shop, name: web}
spec: {template: {metadata: {labels: {app: web}}, spec: {serviceAccountName: ${account}, containers: [{name: web, image: x, ${container}}]}}}
`;
const env = (...variables: readonly (readonly [string, string])[]) =>
  web(`env: [${variables.map(([name, value]) => `{name: ${name}, value: '${value}'}`).join(', ')}]`);
const account = (annotations: string) => `---
apiVersion: v1
kind: ServiceAccount
metadata: {namespace: shop, name: web, annotations: ${annotations}}
`;
const irsa = account('{eks.amazonaws.com/role-arn: "arn:aws:iam::1:role/web"}');
const configMap = (data: string) => `---
apiVersion: v1
kind: ConfigMap
metadata: {namespace: shop, name: settings}
data:
${data}
`;
const reading = web('envFrom: [{configMapRef: {name: settings}}]');

type Case = readonly [title: string, way: ExitKind, manifests: string, found: readonly string[]];

const cases: readonly Case[] = [
  ['a URL', 'named-host', env(['API', 'https://api.stripe.com/v1?x=1']), ['shop/web -> api.stripe.com:443']],
  [
    'a connection string with a password and several hosts',
    'named-host',
    env(['DSN', 'mongodb://user:p%40ss@db-0.mongo.corp.net:27018,db-1.mongo.corp.net/app?replicaSet=rs0']),
    ['shop/web -> db-0.mongo.corp.net:27018', 'shop/web -> db-1.mongo.corp.net:27017'],
  ],
  [
    'JDBC',
    'named-host',
    env(['URL', 'jdbc:postgresql://orders.abc.eu-west-1.rds.amazonaws.com:5432/orders']),
    ['shop/web -> orders.abc.eu-west-1.rds.amazonaws.com:5432'],
  ],
  [
    'a host and its port in two variables',
    'named-host',
    env(['DB_HOST', 'db.corp.net'], ['DB_PORT', '5433']),
    ['shop/web -> db.corp.net:5433'],
  ],
  [
    'a bare host, by the name of its variable',
    'named-host',
    env(['REDIS_HOST', 'cache.corp.net']),
    ['shop/web -> cache.corp.net:6379'],
  ],
  [
    'a list of brokers',
    'named-host',
    env(['KAFKA_BOOTSTRAP_SERVERS', 'b-1.msk.corp.net:9094,b-2.msk.corp.net:9094']),
    ['shop/web -> b-1.msk.corp.net:9094', 'shop/web -> b-2.msk.corp.net:9094'],
  ],
  [
    'an address',
    'named-host',
    web('args: ["--upstream=10.20.30.40:8080"]'),
    ['shop/web -> 10.20.30.40:8080'],
  ],
  [
    'the metadata service',
    'named-host',
    env(['META', 'http://169.254.169.254/latest']),
    ['shop/web -> 169.254.169.254:80'],
  ],
  [
    'a variable of the container, which Kubernetes fills in',
    'named-host',
    env(['REGION', 'eu-west-1'], ['QUEUE_URL', 'https://sqs.$(REGION).amazonaws.com/1/q']),
    ['shop/web -> sqs.eu-west-1.amazonaws.com:443'],
  ],
  [
    'a variable that nobody knows: a host all the same',
    'named-host',
    env(['QUEUE_URL', 'https://sqs.${region}.amazonaws.com/1/q']),
    ['shop/web -> sqs.${region}.amazonaws.com:443'],
  ],
  [
    'a ConfigMap that it reads, and of a file there only the settings',
    'named-host',
    reading +
      configMap(`  MAIL: smtps://smtp.sendgrid.net
  app.yaml: |
    # see https://docs.corp.net/setup
    endpoint: https://pay.corp.net/v2
    title: "https://www.corp.net"`),
    ['shop/web -> smtp.sendgrid.net:465', 'shop/web -> pay.corp.net:443'],
  ],
  [
    'the values of a chart, but no images',
    'named-host',
    `apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {namespace: shop, name: web}
spec: {values: {image: {repository: "quay.io:443/x"}, database: {host: db.corp.net, port: 5432}, loki: {url: "https://loki.corp.net"}}}
`,
    ['shop/* -> db.corp.net:443', 'shop/* -> loki.corp.net:443'],
  ],
  [
    'no names of the cluster, of the machine, of files, of browsers, of buckets',
    'named-host',
    env(
      ['A', 'http://web.shop.svc.cluster.local:80'],
      ['B', 'http://localhost:8080'],
      ['C_FILE', '/etc/app.conf'],
      ['CONFIG_SERVER', 'settings.yaml'],
      ['PUBLIC_URL', 'https://shop.corp.net'],
      ['D', 's3://bucket/path'],
      ['E', 'http://api'],
      ['F', '127.0.0.1:80'],
      ['G', 'v1.2.3'],
    ),
    [],
  ],
  [
    'not the name under which the namespace itself is served',
    'named-host',
    env(['BASE_URL', 'https://shop.corp.net']) +
      `---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {namespace: shop, name: web}
spec: {rules: [{host: shop.corp.net}]}
`,
    [],
  ],
  [
    'an alias, for those who name it',
    'external-name',
    env(['DB', 'postgres://db:5432/x']) +
      `---
apiVersion: v1
kind: Service
metadata: {namespace: shop, name: db}
spec: {type: ExternalName, externalName: db.corp.net.}
---
apiVersion: v1
kind: Service
metadata: {namespace: shop, name: mail}
spec: {type: ExternalName, externalName: mail.corp.net, ports: [{port: 587}]}
---
apiVersion: v1
kind: Service
metadata: {namespace: shop, name: inner}
spec: {type: ExternalName, externalName: api.pay.svc.cluster.local}
`,
    ['shop/web -> db.corp.net:5432', 'shop/* -> mail.corp.net:587'],
  ],
  [
    'a role of the account: STS of the region',
    'credentials',
    irsa + env(['AWS_REGION', 'eu-west-1']),
    ['shop/web -> sts.eu-west-1.amazonaws.com:443'],
  ],
  ['a role, and no region that is known', 'credentials', irsa + web(''), ['shop/web -> *.amazonaws.com:443']],
  [
    'a role with the global endpoint',
    'credentials',
    account('{eks.amazonaws.com/role-arn: "arn:x", eks.amazonaws.com/sts-regional-endpoints: "false"}') +
      web(''),
    ['shop/web -> sts.amazonaws.com:443'],
  ],
  [
    'an association of Pod Identity',
    'credentials',
    `${web('')}---
apiVersion: eks.services.k8s.aws/v1alpha1
kind: PodIdentityAssociation
metadata: {namespace: ack, name: web}
spec: {namespace: shop, serviceAccount: web, roleARN: x}
`,
    ['shop/web -> 169.254.170.23:80'],
  ],
  [
    'a region alone: the metadata service of the instance',
    'credentials',
    env(['AWS_DEFAULT_REGION', 'eu-west-1']),
    ['shop/web -> 169.254.169.254:80'],
  ],
  ['keys of its own', 'credentials', env(['AWS_REGION', 'eu-west-1'], ['AWS_ACCESS_KEY_ID', 'x']), []],
  [
    'ARNs and buckets',
    'credentials',
    irsa +
      env(
        ['AWS_REGION', 'eu-west-1'],
        ['TOPIC', 'arn:aws:sns:us-east-1:1:orders'],
        ['S3_BUCKET', 'orders-data'],
        ['ROLE', 'arn:aws:iam::1:role/x'],
      ),
    [
      'shop/web -> sts.eu-west-1.amazonaws.com:443',
      'shop/web -> sns.us-east-1.amazonaws.com:443',
      'shop/web -> orders-data.s3.eu-west-1.amazonaws.com:443',
      'shop/web -> s3.eu-west-1.amazonaws.com:443',
    ],
  ],
];

describe('ways out of a cluster', () => {
  it.each(cases)('%s', (_, way, manifests, found) => {
    expect(exits(manifests, way)).toEqual(found);
  });
});
