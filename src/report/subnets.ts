import { shellCommand } from '../model/shell.ts';
import type { Paint } from './paint.ts';

/** A subnet as the report shows it. */
export interface SubnetLine {
  readonly id: string;
  readonly zone: string;
  readonly region: string;
  readonly leftOut: string | undefined;
  readonly missing: readonly { readonly key: string; readonly value: string }[];
}

/** A subnet for programs. */
export interface SubnetJson extends Omit<SubnetLine, 'leftOut'> {
  /** Why no load balancer goes there; null: it should. */
  readonly leftOut: string | null;
}

/** The subnets with what they lack, and how to add it with the AWS CLI or Terraform. */
export function describeSubnets(head: string, subnets: readonly SubnetLine[], colours: Paint): string {
  const width = Math.max(...subnets.map(({ zone }) => zone.length));
  const lines = subnets.map(({ id, zone, leftOut, missing }) => {
    const tags = missing.map(({ key, value }) => `${key}=${value}`).join(' ');
    const said =
      leftOut !== undefined
        ? colours.dim(`left out: ${leftOut}`)
        : missing.length === 0
          ? colours.green('ready')
          : colours.red(`missing ${tags}`);
    return `  ${id}  ${zone.padEnd(width)}  ${said}\n`;
  });
  const lacking = subnets.filter(({ missing }) => missing.length > 0);
  if (lacking.length === 0) return `${head}\n${lines.join('')}`;
  return `${head}\n${lines.join('')}\nWith the AWS CLI:\n\n${createTags(lacking)}\nor in Terraform, where nothing manages these tags yet:\n\n${terraform(lacking)}`;
}

/** One command for the subnets of a region that lack the same tags. */
function createTags(subnets: readonly SubnetLine[]): string {
  const groups = new Map<string, { readonly first: SubnetLine; readonly ids: string[] }>();
  for (const each of subnets) {
    const key = JSON.stringify([each.region, each.missing]);
    const group = groups.get(key) ?? { first: each, ids: [] };
    group.ids.push(each.id);
    groups.set(key, group);
  }
  return [...groups.values()]
    .map(({ first, ids }) => {
      const tags = first.missing.map(({ key, value }) => `Key=${key},Value=${value}`);
      const region = ['--region', first.region];
      return `${shellCommand('aws', 'ec2', 'create-tags', ...region, '--resources', ...ids, '--tags', ...tags)}\n`;
    })
    .join('');
}

function terraform(subnets: readonly SubnetLine[]): string {
  return subnets
    .flatMap(({ id, missing }) =>
      missing.map(({ key, value }) => {
        const name = `${id}_${key.split('/').slice(1).join('_')}`.replace(/[^A-Za-z0-9]+/g, '_');
        return `resource "aws_ec2_tag" "${name}" {\n  resource_id = "${id}"\n  key         = "${key}"\n  value       = "${value}"\n}\n`;
      }),
    )
    .join('\n');
}
