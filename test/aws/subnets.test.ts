import { describe, expect, it } from 'vitest';
import { World } from '../commands/world.ts';

interface Given {
  readonly id: string;
  readonly zone?: string;
  readonly isPublic?: boolean;
  readonly free?: number;
  readonly tags?: Readonly<Record<string, string>>;
}

const internal = { 'kubernetes.io/role/internal-elb': '1' };
const external = { 'kubernetes.io/role/elb': '' };

/** What `aws ec2 describe-subnets` prints, as far as it matters here. */
function listing(...subnets: readonly Given[]): string {
  const listed = subnets.map(({ id, zone = 'eu-west-1a', isPublic = false, free = 200, tags = {} }) => ({
    AvailabilityZone: zone,
    AvailableIpAddressCount: free,
    MapPublicIpOnLaunch: isPublic,
    SubnetId: id,
    VpcId: 'vpc-0a1',
    Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })),
    SubnetArn: `arn:aws:ec2:eu-west-1:111122223333:subnet/${id}`,
  }));
  return JSON.stringify({ Subnets: listed }, undefined, 4);
}

const run = (text: string, options: Record<string, string | boolean> = {}) =>
  new World({ 'subnets.json': text }).run('subnets', ['subnets.json'], { cluster: 'dev-1', ...options });
const rules = (problems: readonly { readonly rule: string }[]) => problems.map(({ rule }) => rule);

describe('subnets', () => {
  it('answers 0 where every private subnet has the role', async () => {
    const text = listing(
      { id: 'subnet-0a', tags: internal },
      { id: 'subnet-0b', zone: 'eu-west-1b', tags: { 'kubernetes.io/role/internal-elb': '' } },
      { id: 'subnet-0c', isPublic: true },
    );

    expect(await run(text)).toMatchObject({
      code: 0,
      problems: [],
      text: `vpc-0a1: where an internal load balancer of dev-1 can go
  subnet-0a  eu-west-1a  ready
  subnet-0b  eu-west-1b  ready
  subnet-0c  eu-west-1a  left out: public
`,
    });
  });

  it('finds the tag that works in the lab and breaks in a VPC with several clusters', async () => {
    const lab = { ...internal, 'kubernetes.io/cluster/lab-1': 'shared' };
    const text = listing(
      { id: 'subnet-0a', tags: lab },
      { id: 'subnet-0b', zone: 'eu-west-1b', tags: lab },
      { id: 'subnet-0d', zone: 'eu-west-1c' },
    );

    expect((await run(text, { cluster: 'lab-1' })).problems).toMatchObject([
      { rule: 'subnet-tags-missing', line: 39 },
    ]);
    const result = await run(text);
    expect(result.code).toBe(1);
    expect(rules(result.problems)).toEqual(Array(3).fill('subnet-tags-missing'));
    expect(result.problems[0]?.message).toContain(
      'subnet-0a (eu-west-1a) is missing kubernetes.io/cluster/dev-1=shared; it is tagged for lab-1.',
    );
    expect(result.text).toContain(`
aws ec2 create-tags --region eu-west-1 --resources subnet-0a subnet-0b --tags Key=kubernetes.io/cluster/dev-1,Value=shared
aws ec2 create-tags --region eu-west-1 --resources subnet-0d --tags Key=kubernetes.io/role/internal-elb,Value=1 Key=kubernetes.io/cluster/dev-1,Value=shared
`);
    expect(result.text).toContain(`resource "aws_ec2_tag" "subnet_0d_role_internal_elb" {
  resource_id = "subnet-0d"
  key         = "kubernetes.io/role/internal-elb"
  value       = "1"
}
`);
  });

  it('wants the cluster’s tag everywhere when it is told that the VPC is shared', async () => {
    const text = listing(
      { id: 'subnet-0a', tags: internal },
      { id: 'subnet-0b', zone: 'eu-west-1b', tags: { ...internal, 'kubernetes.io/cluster/dev-1': 'owned' } },
    );

    expect((await run(text)).code).toBe(0);
    expect((await run(text, { shared: true })).problems).toMatchObject([
      { message: expect.stringContaining('subnet-0a') as string },
    ]);
  });

  it('looks at public subnets for an internet-facing load balancer', async () => {
    const text = listing(
      { id: 'subnet-0a', isPublic: true, tags: external },
      { id: 'subnet-0b', zone: 'eu-west-1b', isPublic: true, tags: { 'kubernetes.io/role/elb': 'true' } },
      { id: 'subnet-0c', zone: 'eu-west-1c' },
    );

    const result = await run(text, { public: true });

    expect(result.text).toContain('subnet-0c  eu-west-1c  left out: private\n');
    expect(result.problems).toMatchObject([
      {
        message: expect.stringContaining(
          'subnet-0b (eu-west-1b) is missing kubernetes.io/role/elb=1',
        ) as string,
      },
    ]);
  });

  it('says when one zone is all there is, when addresses run out, and when the role is on a public subnet', async () => {
    const text = listing({ id: 'subnet-0a', isPublic: true, free: 7, tags: internal });

    const result = await run(text);

    expect(result.problems).toMatchObject([
      { rule: 'subnet-role-public', severity: 'warning' },
      { rule: 'subnet-addresses', severity: 'warning' },
      { rule: 'subnet-zones', severity: 'error' },
    ]);
    expect(result.code).toBe(1);
  });

  it('knows the region of a local zone, and reads YAML too', async () => {
    const text = `Subnets:
- {SubnetId: subnet-0a, VpcId: vpc-0a1, AvailabilityZone: us-west-2-lax-1a}
- {SubnetId: subnet-0b, VpcId: vpc-0a1, AvailabilityZone: us-west-2a}
`;

    expect((await run(text)).text).toContain('--region us-west-2 --resources subnet-0a subnet-0b ');
  });

  it.each([
    ['no YAML', 'Subnets: [}', 'yaml-syntax'],
    ['another answer', '{"Vpcs": []}', 'subnets-listing'],
    ['an empty listing', '{"Subnets": []}', 'subnets-listing'],
    [
      'one page of several',
      listing({ id: 'subnet-0a' }).replace('{', '{"NextToken": "x",'),
      'subnets-listing',
    ],
    [
      'two VPCs',
      listing({ id: 'subnet-0a' }, { id: 'subnet-0b' }).replace('vpc-0a1', 'vpc-0b2'),
      'subnets-listing',
    ],
    ['a name that a shell would run', listing({ id: 'subnet-0a; rm -rf ~' }), 'subnets-listing'],
    [
      'a zone that a shell would run',
      listing({ id: 'subnet-0a', zone: 'eu-west-1a$(id)' }),
      'subnets-listing',
    ],
  ])('answers 2 with the place to %s', async (_, text, rule) => {
    const result = await run(text);

    expect(result).toMatchObject({ code: 2, text: '', problems: [{ rule, file: 'subnets.json' }] });
    expect(result.problems[0]?.line).toBeGreaterThan(0);
  });

  it('answers 2 without a cluster, and to a cluster’s name that a shell would run', async () => {
    expect(await new World({}).run('subnets', ['subnets.json'])).toMatchObject({ code: 2 });
    expect(await run(listing({ id: 'subnet-0a' }), { cluster: '$(id)' })).toMatchObject({
      code: 2,
      problems: [{ rule: 'usage' }],
    });
  });
});
