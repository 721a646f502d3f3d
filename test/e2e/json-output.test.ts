import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Ajv } from 'ajv';
import { afterAll, describe, expect, it } from 'vitest';
import { commands } from '../../src/commands/index.ts';
import type { CommandId } from '../../src/commands/outputs.ts';
import { closed } from '../json/schemas.ts';
import { LocalWorld } from './harness/local-world.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const world = new LocalWorld();
afterAll(() => {
  world.remove();
});

/** A command line, and what happened in its folder before. */
interface Run {
  readonly args: string;
  readonly before?: (folder: string) => void;
}

const write = (file: string, text: string) => (folder: string) => {
  writeFileSync(join(folder, file), text);
};
const replace = (file: string, from: string, to: string) => (folder: string) => {
  const text = readFileSync(join(folder, file), 'utf8');
  if (!text.includes(from)) throw new Error(`${file} has no ${from}`);
  writeFileSync(join(folder, file), text.replace(from, to));
};
const earlier =
  (...lines: readonly string[]) =>
  (folder: string) => {
    for (const line of lines) LocalWorld.run(folder, line.split(' '));
  };
const all =
  (...steps: readonly ((folder: string) => void)[]) =>
  (folder: string) => {
    for (const step of steps) step(folder);
  };

const badRule = `apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: web, namespace: shop }
spec:
  host: web.shop.svc.cluster.local
  trafficPolicy:
    tls: {}
`;
const answers = (then: string) => `repository: acme/apps
path: status-page
environments: [lab]
stage: joined
namespaceManifest: create
services: [{ name: status-page, ports: [80], hosts: ["status.{domain}"] }]
then: ${then}
`;
const seen = `{"flow":{"source":{"namespace":"payments","labels":["k8s:app=gateway"],"pod_name":"gateway-5d9c7b5b6-abcde"},"destination":{"namespace":"bookinfo","pod_name":"productpage-5d9c7b5b6-abcde"},"l4":{"TCP":{"destination_port":9080}},"verdict":"FORWARDED"}}\n`;
const subnets = (role: string) =>
  JSON.stringify({
    Subnets: ['a', 'b'].map((zone) => ({
      SubnetId: `subnet-0${zone}`,
      VpcId: 'vpc-1',
      AvailabilityZone: `eu-west-1${zone}`,
      SubnetArn: `arn:aws:ec2:eu-west-1:111122223333:subnet/subnet-0${zone}`,
      AvailableIpAddressCount: 200,
      MapPublicIpOnLaunch: false,
      Tags: [{ Key: role, Value: '1' }],
    })),
  });
const wrongFleet = replace('fleet.yaml', 'revision:', 'revison:');
const unknownCall = replace('fleet.yaml', '[ledger:9000]', '[]');
const isRepository = (folder: string) => {
  execFileSync('git', ['init', '--quiet', folder]);
};
const three = all(
  write('base.yaml', 'kind: A\nmetadata: {name: a}\nspec: {x: 1}\n'),
  write('ours.yaml', 'kind: A\nmetadata: {name: a}\nspec: {x: 2}\n'),
  write('theirs.yaml', 'kind: A\nmetadata: {name: a}\nspec: {x: 3}\n'),
);
const joined = (folder: string) => {
  earlier('open payments@lab')(folder);
  LocalWorld.merge(folder, 'acme/payments');
};

/** STRICT opens when every namespace is exempted. */
const nobodyIsWaitedFor = (folder: string) => {
  const exemptions = ['bookinfo', 'online-boutique', 'payments']
    .map((namespace) => `{namespace: ${namespace}, reason: moves later, until: 9999-12-31}`)
    .join(', ');
  replace(
    'fleet.yaml',
    '- name: lab-eu-1\n',
    `- name: lab-eu-1\n        exemptions: [${exemptions}]\n`,
  )(folder);
  earlier('open cluster/lab-eu-1')(folder);
  LocalWorld.merge(folder, 'acme/platform');
};

const runs: Readonly<Record<CommandId, readonly Run[]>> = {
  init: [{ args: 'init' }, { args: 'init --force --scan repositories/acme/bookinfo' }],
  new: [
    {
      args: 'new status-page --answers answers.yaml --dir repositories/acme/apps',
      before: write('answers.yaml', answers('write')),
    },
    {
      args: 'new status-page --answers answers.yaml --dir repositories/acme/apps',
      before: write('answers.yaml', answers('open')),
    },
    { args: 'new' },
  ],
  render: [
    { args: 'render bookinfo@lab --stdout' },
    { args: 'render --all --stdout', before: unknownCall },
    { args: 'render' },
  ],
  apply: [
    { args: 'apply payments@lab --dir repositories/acme/payments' },
    { args: 'apply --all --dir repositories/acme/apps' },
  ],
  diff: [{ args: 'diff --all' }, { args: 'diff --all', before: wrongFleet }, { args: 'diff --al' }],
  open: [
    { args: 'open --environment lab' },
    { args: 'open payments@lab --dry-run' },
    { args: 'open payments@lba' },
  ],
  upgrade: [
    { args: 'upgrade payments@lab --check', before: joined },
    { args: 'upgrade payments@lab --open', before: joined },
    { args: 'upgrade payments@lba' },
  ],
  'wave plan': [
    { args: 'wave plan' },
    { args: 'wave plan', before: unknownCall },
    { args: 'wave plan --shards 0' },
  ],
  'wave open': [
    { args: 'wave open' },
    { args: 'wave open --dry-run' },
    { args: 'wave open --parallel none' },
  ],
  'wave status': [
    { args: 'wave status' },
    { args: 'wave status', before: earlier('wave open') },
    { args: 'wave status --interval x' },
  ],
  'wave close': [
    { args: 'wave close --all --reason later', before: earlier('wave open') },
    { args: 'wave close --all' },
  ],
  'calls import': [
    { args: 'calls import flows.jsonl', before: write('flows.jsonl', seen) },
    { args: 'calls import --scan' },
    { args: 'calls import flows.jsonl', before: write('flows.jsonl', 'nothing\n') },
  ],
  simulate: [
    { args: 'simulate --environment lab' },
    { args: 'simulate payments@lab --why payments/gateway->payments/ledger:9000' },
    { args: 'simulate payments@lab --matrix' },
    { args: 'simulate payments@lab', before: unknownCall },
    { args: 'simulate --why nonsense' },
  ],
  strict: [
    { args: 'strict lab-eu-1' },
    { args: 'strict lab-eu-1', before: nobodyIsWaitedFor },
    { args: 'strict lab-eu-9' },
  ],
  rollback: [
    { args: 'rollback payments@lab --level 1', before: joined },
    { args: 'rollback payments@lab --level 1 --dry-run', before: joined },
    { args: 'rollback payments@lab' },
  ],
  lint: [
    { args: 'lint bad.yaml --no-fleet', before: write('bad.yaml', badRule) },
    { args: 'lint bad.yaml --no-fleet --quiet', before: write('bad.yaml', badRule) },
    { args: 'lint . --no-fleet', before: write('broken.yaml', 'a: [\n') },
    { args: 'lint bad.yaml --no-fleet --fix', before: write('bad.yaml', badRule) },
    { args: 'lint bad.yaml --no-fleet --fix --dry-run', before: write('bad.yaml', badRule) },
    { args: 'lint bad.yaml --no-fleet --update-baseline', before: write('bad.yaml', badRule) },
    {
      args: 'lint bad.yaml --no-fleet',
      before: all(write('bad.yaml', badRule), earlier('lint bad.yaml --no-fleet --update-baseline')),
    },
    { args: 'lint --explain' },
    { args: 'lint --explain tls-without-mode' },
    { args: 'lint nowhere' },
  ],
  merge: [
    { args: 'merge base.yaml ours.yaml theirs.yaml', before: three },
    { args: 'merge base.yaml base.yaml theirs.yaml --output out.yaml', before: three },
    { args: 'merge --install-driver', before: isRepository },
    { args: 'merge base.yaml' },
  ],
  images: [
    { args: 'images dev-eu-1' },
    { args: 'images dev-eu-1 --copy-with crane' },
    { args: 'images none' },
  ],
  subnets: [
    {
      args: 'subnets s.json --cluster lab-eu-1',
      before: write('s.json', subnets('kubernetes.io/role/internal-elb')),
    },
    { args: 'subnets s.json --cluster lab-eu-1', before: write('s.json', subnets('team')) },
    { args: 'subnets s.json --cluster lab-eu-1', before: write('s.json', '{}') },
  ],
};

/** Rules of the problems that a person is shown, by severity and rule, sorted: on standard error, or as lint lists them. */
function told({ stdout, stderr }: { readonly stdout: string; readonly stderr: string }): readonly string[] {
  const misuses = [...stderr.matchAll(/^(error):() /gm)].map(([, severity]) => ['', severity, 'usage']);
  const listed = [...stderr.matchAll(/^(error|warning|info) (\S+)/gm)];
  const findings = [...stdout.matchAll(/^ {2}(?:\d+:\d+)? +(error|warning|info) {2}(\S+)/gm)];
  return [...misuses, ...listed, ...findings]
    .map(([, severity = '', rule = '']) => `${severity} ${rule}`)
    .sort();
}

/** Each result that a command may print, as a check of its own; the last is the refusal's. */
function checksOf(id: CommandId) {
  const schema = JSON.parse(
    readFileSync(join(root, `docs/json/${id.replace(' ', '-')}.schema.json`), 'utf8'),
  ) as { readonly anyOf: readonly object[] };
  const ajv = new Ajv({ strict: false, allErrors: true });
  const { definitions } = closed(schema) as { readonly definitions: object };
  return schema.anyOf.map((each) => ajv.compile({ ...(closed(each) as object), definitions }));
}

describe.each(commands.map(({ id }) => id))('meshwright %s --json', (id) => {
  const checks = checksOf(id);
  const met = new Set<number>();

  it.each(runs[id])(
    '$args: prints its schema, and tells the problems that the text tells',
    ({ args, before }) => {
      const words = args.split(' ');
      const run = (...more: readonly string[]) =>
        world.copied((folder) => {
          before?.(folder);
          return LocalWorld.run(folder, [...words, ...more]);
        });

      const text = run();
      const json = run('--json');

      const printed = JSON.parse(json.stdout) as {
        readonly problems: readonly { severity: string; rule: string }[];
      };
      const fits = checks.map((check) => check(printed));
      fits.forEach((isFit, index) => isFit && met.add(index));
      expect(
        fits,
        JSON.stringify(
          checks.map(({ errors }) => errors),
          undefined,
          1,
        ),
      ).toContain(true);
      expect(json.code).toBe(text.code);
      expect(printed.problems.map(({ severity, rule }) => `${severity} ${rule}`).sort()).toEqual(told(text));
    },
  );

  it('has every kind of result printed by one of these runs', () => {
    expect([...met].sort()).toEqual(checks.map((_, index) => index));
  });
});
