import { isList, isObject, listAt, stringAt, valueAt, type JsonValue, type YamlPath } from '../model/json.ts';
import { failure, success, type Outcome, type Problem } from '../model/problem.ts';
import { readYaml } from '../yaml/read.ts';

/** A subnet as `aws ec2 describe-subnets` lists it. */
export interface Subnet {
  readonly id: string;
  readonly vpc: string;
  readonly zone: string;
  readonly region: string;
  /** Whether instances get public addresses here: how a listing without route tables tells public from private. */
  readonly isPublic: boolean;
  readonly freeAddresses: number | undefined;
  readonly tags: ReadonlyMap<string, string>;
  /** Where the listing has it; from 1. */
  readonly line: number;
  readonly column: number;
}

/** Reads what `aws ec2 describe-subnets` printed, as JSON or YAML.
 *  @param file  the name used in problems
 *  @returns problems `subnets-listing` (no listing, a field of another form, a page of many), and those of `readYaml` */
export function readSubnets(text: string, file: string): Outcome<readonly Subnet[]> {
  const read = readYaml(text, file);
  if (!read.ok) return read;
  const [document] = read.value.documents;
  const value = document?.value ?? null;
  const placeOf = (path: YamlPath) => document?.placeOf(path) ?? { line: 1, column: 1 };
  const wrong = (message: string, path: YamlPath): Problem => ({
    rule: 'subnets-listing',
    severity: 'error',
    message,
    fix: 'Save the complete output: aws ec2 describe-subnets --filters Name=vpc-id,Values=VPC --output json > subnets.json',
    file,
    ...placeOf(path),
  });
  const above: YamlPath = isList(value) ? [] : ['Subnets'];
  const listed = valueAt(value, ...above);
  if (!isList(listed) || listed.length === 0)
    return failure(wrong('This is not a listing of subnets: "Subnets" is missing or empty.', []));
  if (isObject(value) && typeof value.NextToken === 'string')
    return failure(wrong('This is one page of several: it has a NextToken.', ['NextToken']));
  const subnets: Subnet[] = [];
  const problems: Problem[] = [];
  for (const [index, each] of listed.entries()) {
    const path = [...above, index];
    const subnet = subnetOf(each, placeOf(path));
    if (typeof subnet === 'string') problems.push(wrong(subnet, path));
    else subnets.push(subnet);
  }
  const [first] = subnets;
  const foreign = subnets.find(({ vpc }) => vpc !== first?.vpc);
  if (first !== undefined && foreign !== undefined)
    problems.push({
      ...wrong(`The listing mixes ${first.vpc} and ${foreign.vpc}; a load balancer lives in one VPC.`, []),
      line: foreign.line,
      column: foreign.column,
    });
  return problems.length > 0 ? failure(...problems) : success(subnets);
}

/** The subnet, or what is wrong with it. Names are checked because commands are printed with them. */
function subnetOf(value: JsonValue, place: { line: number; column: number }): Subnet | string {
  const id = stringAt(value, 'SubnetId') ?? '';
  const vpc = stringAt(value, 'VpcId') ?? '';
  const zone = stringAt(value, 'AvailabilityZone') ?? '';
  if (!/^subnet-[0-9a-f]{1,32}$/.test(id)) return 'SubnetId is missing or is not the ID of a subnet.';
  if (!/^vpc-[0-9a-f]{1,32}$/.test(vpc)) return `VpcId of ${id} is missing or is not the ID of a VPC.`;
  if (!/^[a-z]{2}[a-z0-9-]{3,40}$/.test(zone))
    return `AvailabilityZone of ${id} is missing or is not the name of a zone.`;
  const free = valueAt(value, 'AvailableIpAddressCount');
  const tags = new Map<string, string>();
  for (const tag of listAt(value, 'Tags')) {
    const [key, content] = [stringAt(tag, 'Key'), stringAt(tag, 'Value')];
    if (key !== undefined) tags.set(key, content ?? '');
  }
  return {
    id,
    vpc,
    zone,
    region:
      /^arn:[a-z-]+:ec2:([a-z]{2,}(?:-[a-z]+)+-\d+):/.exec(stringAt(value, 'SubnetArn') ?? '')?.[1] ??
      regionOf(zone),
    isPublic: valueAt(value, 'MapPublicIpOnLaunch') === true,
    freeAddresses: typeof free === 'number' ? free : undefined,
    tags,
    ...place,
  };
}

/** `eu-west-1` of `eu-west-1b`, and of the local zone `us-west-2-lax-1a` `us-west-2`. */
function regionOf(zone: string): string {
  return /^[a-z]+(?:-[a-z]+)+-\d+/.exec(zone)?.[0] ?? zone;
}
