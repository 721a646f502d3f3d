import type { YamlPath } from '../model/json.ts';
import { nearest } from './nearest.ts';
import type { FleetSource } from './source.ts';

export interface Placeholders {
  readonly namespace: string | undefined;
  readonly environment: string;
  readonly cluster: string | undefined;
  readonly domain: string | undefined;
}

const names = ['namespace', 'environment', 'cluster', 'domain'] as const;

/** Fills `{name}` placeholders; Flux variables (`${NAME}`) stay as they are. Unknown ones are reported, once per place. */
export function fill(text: string, values: Placeholders, path: YamlPath, source: FleetSource): string {
  return text.replace(/\$\{[^{}]*\}|\{([^{}]*)\}/g, (whole, name: string | undefined) => {
    if (name === undefined) return whole;
    const known = names.find((each) => each === name);
    if (known === undefined) {
      const guess = nearest(name, names);
      source.report(
        'fleet-unknown-placeholder',
        path,
        `"{${name}}" is not a placeholder. Known: ${names.map((each) => `{${each}}`).join(', ')}.`,
        guess === undefined ? 'Remove it.' : `Did you mean {${guess}}?`,
      );
      return whole;
    }
    const value = values[known];
    if (value !== undefined) return value;
    source.report(
      'fleet-unknown-placeholder',
      path,
      `"{${name}}" has no value in environment "${values.environment}".`,
      known === 'domain'
        ? `Give environment "${values.environment}" a domain.`
        : known === 'namespace'
          ? 'A cluster has no namespace; remove it.'
          : `Use {${known}} in path only, and give environment "${values.environment}" clusters.`,
    );
    return whole;
  });
}
