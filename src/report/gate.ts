import type { GateEntry, ObservedCalls } from '../model/waves.ts';
import { visible } from '../model/quoted.ts';
import type { Paint } from './paint.ts';

interface Gate {
  readonly isOpen: boolean;
  readonly entries: readonly GateEntry[];
  readonly plain: readonly ObservedCalls[];
}

/** More unmet prerequisites than this are cut; `--json` has all of them. */
const shown = 4;

/** The gate of STRICT: a line for each namespace, and what the missing ones lack. */
export function describeGate(cluster: string, { isOpen, entries, plain }: Gate, colours: Paint): string {
  const width = Math.max(0, ...entries.map(({ namespace }) => namespace.length));
  const lines = entries.flatMap(({ namespace, verdict, lacks, exemption }) => {
    const tint = { enforced: colours.green, exempted: colours.yellow, missing: colours.red }[verdict];
    const said = exemption === undefined ? '' : visible(`until ${exemption.until}: ${exemption.reason}`);
    const head = `  ${tint(verdict.padEnd(8))}  ${namespace.padEnd(width)}  ${said}`.trimEnd();
    const more = lacks.length > shown ? [`            and ${String(lacks.length - shown)} more`] : [];
    const details =
      verdict === 'missing' ? lacks.slice(0, shown).map(({ what }) => `            ${visible(what)}`) : [];
    return [head, ...details, ...(verdict === 'missing' ? more : [])];
  });
  const seen = plain.map(
    ({ source, destination, count }) =>
      `  ${colours.red('no mTLS ')}  ${visible(`${source.namespace}/${source.workload} → ${destination.namespace}/${destination.workload}`)}, ${Math.ceil(count) === 1 ? 'once' : `${String(Math.ceil(count))} times`}`,
  );
  const verdict = isOpen ? colours.green('open') : colours.red('closed');
  return `STRICT on ${cluster}: the gate is ${verdict}\n${[...lines, ...seen].join('\n')}\n`;
}

/** The stable JSON of `strict`. */
export interface GateJson {
  readonly cluster: string;
  readonly open: boolean;
  readonly namespaces: readonly GateEntry[];
  /** Calls in plaintext that were observed. */
  readonly plainText: readonly ObservedCalls[];
}

export function gateAsJson(cluster: string, { isOpen, entries, plain }: Gate): GateJson {
  return { cluster, open: isOpen, namespaces: entries, plainText: plain };
}
