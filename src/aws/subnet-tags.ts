import type { Problem } from '../model/problem.ts';
import type { Subnet } from './subnets.ts';

/** A load balancer that the AWS Load Balancer Controller has to find subnets for. */
export interface LoadBalancer {
  /** The name of the EKS cluster. */
  readonly cluster: string;
  readonly scheme: 'internal' | 'public';
  /** Several clusters use the VPC, whatever the tags say today. */
  readonly isShared: boolean;
}

interface Tag {
  readonly key: string;
  readonly value: string;
}

/** The result for one subnet. */
interface SubnetVerdict {
  readonly subnet: Subnet;
  /** Why the load balancer does not go there at all; undefined: it should. */
  readonly leftOut: string | undefined;
  readonly missing: readonly Tag[];
}

export interface SubnetReport {
  readonly verdicts: readonly SubnetVerdict[];
  readonly isShared: boolean;
  readonly problems: readonly Problem[];
}

const see = 'https://kubernetes-sigs.github.io/aws-load-balancer-controller/latest/deploy/subnet_discovery/';
const clusterPrefix = 'kubernetes.io/cluster/';
const roles = { internal: 'kubernetes.io/role/internal-elb', public: 'kubernetes.io/role/elb' } as const;
/** An ALB spans two zones, and the controller wants eight free addresses in a subnet. */
const [fewestZones, fewestAddresses] = [2, 8];

/** Says which tags the controller's discovery misses (field report, trap 4; the controller's page on subnet discovery):
 *  the role of the scheme on each subnet, and, where several clusters share the VPC, the cluster's own tag.
 *  @returns problems `subnet-tags-missing`, `subnet-zones`, `subnet-addresses` (a warning), `subnet-role-public` (a warning) */
export function checkSubnets(subnets: readonly Subnet[], balancer: LoadBalancer, file: string): SubnetReport {
  const isShared =
    balancer.isShared || subnets.some((subnet) => othersOf(subnet, balancer.cluster).length > 0);
  const verdicts = subnets.map((subnet) => verdictOf(subnet, balancer, isShared));
  const used = verdicts.filter(({ leftOut }) => leftOut === undefined);
  return {
    verdicts,
    isShared,
    problems: [
      ...used.flatMap((verdict) => problemsOf(verdict, balancer, file)),
      ...zonesOf(used, balancer, file),
    ],
  };
}

function othersOf({ tags }: Subnet, cluster: string): readonly string[] {
  return [...tags.keys()]
    .filter((key) => key.startsWith(clusterPrefix))
    .map((key) => key.slice(clusterPrefix.length))
    .filter((name) => name !== cluster);
}

function verdictOf(subnet: Subnet, { cluster, scheme }: LoadBalancer, isShared: boolean): SubnetVerdict {
  const role = subnet.tags.get(roles[scheme]);
  const hasRole = role === '1' || role === '';
  const isOther = subnet.isPublic !== (scheme === 'public');
  if (isOther && !hasRole) return { subnet, leftOut: subnet.isPublic ? 'public' : 'private', missing: [] };
  const own = subnet.tags.get(clusterPrefix + cluster);
  const hasOwn = own === 'shared' || own === 'owned';
  return {
    subnet,
    leftOut: undefined,
    missing: [
      ...(hasRole ? [] : [{ key: roles[scheme], value: '1' }]),
      ...(isShared && !hasOwn ? [{ key: clusterPrefix + cluster, value: 'shared' }] : []),
    ],
  };
}

function problemsOf(
  { subnet, missing }: SubnetVerdict,
  { cluster, scheme }: LoadBalancer,
  file: string,
): readonly Problem[] {
  const found: Problem[] = [];
  const at = { file, line: subnet.line, column: subnet.column, see };
  const others = othersOf(subnet, cluster);
  if (missing.length > 0)
    found.push({
      rule: 'subnet-tags-missing',
      severity: 'error',
      message: `${subnet.id} (${subnet.zone}) is missing ${missing.map(tagText).join(' and ')}${others.length > 0 ? `; it is tagged for ${others.join(', ')}` : ''}. No load balancer is placed there, and no error is reported.`,
      fix: 'Add the tags; the report has the commands.',
      ...at,
    });
  if (scheme === 'internal' && subnet.isPublic)
    found.push({
      rule: 'subnet-role-public',
      severity: 'warning',
      message: `${subnet.id} gives out public addresses and is tagged for internal load balancers.`,
      fix: `Remove ${roles.internal} unless that is meant.`,
      ...at,
    });
  if (subnet.freeAddresses !== undefined && subnet.freeAddresses < fewestAddresses)
    found.push({
      rule: 'subnet-addresses',
      severity: 'warning',
      message: `${subnet.id} has ${String(subnet.freeAddresses)} free ${subnet.freeAddresses === 1 ? 'address' : 'addresses'}; the controller skips subnets with fewer than ${String(fewestAddresses)}.`,
      fix: 'Free some, or tag another subnet of the zone.',
      ...at,
    });
  return found;
}

function zonesOf(used: readonly SubnetVerdict[], { scheme }: LoadBalancer, file: string): readonly Problem[] {
  const zones = new Set(used.map(({ subnet }) => subnet.zone));
  if (zones.size >= fewestZones) return [];
  const kind = scheme === 'public' ? 'public' : 'private';
  return [
    {
      rule: 'subnet-zones',
      severity: 'error',
      message: `An application load balancer needs subnets in ${String(fewestZones)} zones; the listing has ${kind} ones in ${zones.size === 0 ? 'none' : [...zones].join(', ')}.`,
      fix: `List every subnet of the VPC, or create a ${kind} one in another zone. (A subnet counts as public when it gives out public addresses, or has ${roles.public}.)`,
      file,
      line: 1,
      column: 1,
      see,
    },
  ];
}

function tagText({ key, value }: Tag): string {
  return `${key}=${value}`;
}
