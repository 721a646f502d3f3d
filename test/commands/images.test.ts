import { expect, it } from 'vitest';
import { MeshWorld } from './mesh-world.ts';

const registry = '111122223333.dkr.ecr.eu-west-1.amazonaws.com';

it('lists what the private registry must hold, images and charts', async () => {
  const { code, text } = await new MeshWorld().run('images', ['dev-eu-1']);

  expect(code).toBe(0);
  expect(text.split('\n')).toEqual([
    `docker.io/istio/pilot:1.30.3 -> ${registry}/istio/pilot:1.30.3`,
    `docker.io/istio/proxyv2:1.30.3 -> ${registry}/istio/proxyv2:1.30.3`,
    `registry.istio.io/release/charts/base:1.30.3 -> ${registry}/istio/charts/base:1.30.3`,
    `registry.istio.io/release/charts/istiod:1.30.3 -> ${registry}/istio/charts/istiod:1.30.3`,
    `registry.istio.io/release/charts/gateway:1.30.3 -> ${registry}/istio/charts/gateway:1.30.3`,
    '',
  ]);
});

it.each([
  ['crane', `crane copy -- docker.io/istio/pilot:1.30.3 ${registry}/istio/pilot:1.30.3`],
  [
    'skopeo',
    `skopeo copy --all -- docker://docker.io/istio/pilot:1.30.3 docker://${registry}/istio/pilot:1.30.3`,
  ],
])('writes the script for %s, with the password past the command line', async (tool, line) => {
  const { text } = await new MeshWorld().run('images', ['dev-eu-1'], { copyWith: tool });

  expect(text).toContain(`\n${line}\n`);
  expect(text).toContain('aws ecr get-login-password --region eu-west-1 | ');
  expect(text).toContain('--password-stdin');
  expect(text).toContain('aws ecr create-repository --region eu-west-1 --repository-name=istio/charts/base ');
});

it('has nothing to copy for a cluster that takes its images from Docker Hub', async () => {
  expect(await new MeshWorld().run('images', ['lab-eu-1'])).toMatchObject({
    code: 0,
    json: { copies: [] },
  });
});

it('knows two tools, and the clusters of the fleet', async () => {
  const world = new MeshWorld();

  expect(await world.run('images', ['dev-eu-1'], { copyWith: 'docker' })).toMatchObject({ code: 2 });
  expect(await world.run('images', ['dev-eu-2'])).toMatchObject({ code: 2 });
});

it('subnets takes scheme and sharing of the cluster from the fleet', async () => {
  const world = new MeshWorld();
  world.files['subnets.json'] = JSON.stringify({
    Subnets: [{ SubnetId: 'subnet-0a', VpcId: 'vpc-1', AvailabilityZone: 'eu-west-1a', Tags: [] }],
  });

  const shared = await world.run('subnets', ['subnets.json'], { cluster: 'lab-eu-1' });
  const open = await world.run('subnets', ['subnets.json'], { cluster: 'dev-eu-1' });

  expect(shared.text).toContain('kubernetes.io/cluster/lab-eu-1=shared');
  expect(shared.text).toContain('kubernetes.io/role/internal-elb=1');
  expect(open.text).toContain('where an internet-facing load balancer of dev-eu-1 can go');
});
