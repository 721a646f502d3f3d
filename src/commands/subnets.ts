import type { FleetCluster } from '../model/fleet.ts';
import { success, type Outcome } from '../model/problem.ts';
import {
  command,
  codeFor,
  fleetFileOf,
  isSet,
  misuse,
  textOption,
  usage,
  type Input,
  type Result,
  type Services,
} from './command.ts';
import { readFleetTexts } from './fleet-texts.ts';
import type { Outputs } from './outputs.ts';

export default command({
  id: 'subnets',
  summary: 'show which tags the subnets of a cluster need before a load balancer can be placed in them',
  argument: { name: '<file>', help: 'what `aws ec2 describe-subnets` printed for the VPC' },
  options: [
    { flags: '--cluster <name>', help: 'the EKS cluster' },
    {
      flags: '--public',
      help: 'for an internet-facing load balancer (default: as the fleet declares the cluster, else internal)',
    },
    {
      flags: '--shared',
      help: 'several clusters use the VPC (default: as the fleet declares the cluster, or by the tags of the subnets)',
    },
  ],
  examples: [
    'meshwright subnets subnets.json --cluster lab-1',
    'meshwright subnets subnets.json --cluster prod-1 --public --shared',
  ],
  run: subnets,
});

/** https://docs.aws.amazon.com/eks/latest/APIReference/API_CreateCluster.html */
const clusterName = /^[0-9A-Za-z][A-Za-z0-9_-]{0,99}$/;

async function subnets(input: Input, services: Services): Promise<Result<Outputs['subnets']>> {
  const cluster = textOption(input, 'cluster');
  const [file] = input.names;
  if (cluster === undefined || file === undefined)
    return usage([misuse('subnets needs a listing and a cluster.', 'Name FILE and --cluster NAME.')]);
  if (!clusterName.test(cluster))
    return usage([
      misuse(
        `"${cluster}" is not a valid EKS cluster name: use letters, digits, - and _, at most 100 characters.`,
        'Take the name that `aws eks list-clusters` prints.',
      ),
    ]);
  const text = await services.files.readText(file);
  if (!text.ok) return usage(text.problems);
  const [{ readSubnets }, { checkSubnets }, { describeSubnets }] = await Promise.all([
    import('../aws/subnets.ts'),
    import('../aws/subnet-tags.ts'),
    import('../report/subnets.ts'),
  ]);
  const read = readSubnets(text.value, file);
  if (!read.ok) return usage(read.problems);
  const declared = await declaredCluster(cluster, input, services);
  if (!declared.ok) return usage(declared.problems);
  const isPublic = isSet(input, 'public') || declared.value?.loadBalancerScheme === 'internet-facing';
  const isShared = isSet(input, 'shared') || declared.value?.isVpcShared === true;
  const scheme = isPublic ? 'public' : 'internal';
  const report = checkSubnets(read.value, { cluster, scheme, isShared }, file);
  const lines = report.verdicts.map(({ subnet: { id, zone, region }, leftOut, missing }) => ({
    id,
    zone,
    region,
    leftOut,
    missing,
  }));
  const vpc = read.value[0]?.vpc ?? '';
  const kind = scheme === 'public' ? 'an internet-facing' : 'an internal';
  const head = `${vpc}${report.isShared ? ', shared by several clusters' : ''}: where ${kind} load balancer of ${cluster} can go`;
  return {
    code: codeFor(report.problems),
    text: describeSubnets(head, lines, services.colours),
    json: {
      vpc,
      cluster,
      scheme,
      shared: report.isShared,
      subnets: lines.map(({ leftOut, ...line }) => ({ ...line, leftOut: leftOut ?? null })),
    },
    problems: report.problems,
  };
}

/** What the fleet says of the cluster, where there is a fleet. */
async function declaredCluster(
  name: string,
  input: Input,
  services: Services,
): Promise<Outcome<FleetCluster | undefined>> {
  const found = await fleetFileOf(input, services);
  if (!found.ok) return found;
  const file = found.value;
  if (file === undefined) return success(undefined);
  const texts = await readFleetTexts(file, services);
  if (!texts.ok) return texts;
  const { loadFleetTexts } = await import('../fleet/load.ts');
  const fleet = loadFleetTexts({ ...texts.value, paths: 'skipped' });
  if (!fleet.ok) return fleet;
  const clusters = fleet.value.environments.flatMap((environment) => environment.clusters);
  return success(clusters.find((each) => each.name === name));
}
