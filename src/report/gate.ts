import { printable, type Paint } from './paint.ts';

/** A namespace before the gate, as the report shows it. */
interface GateLine {
  readonly namespace: string;
  readonly verdict: 'enforced' | 'exempted' | 'missing';
  readonly lacks: readonly {
    readonly what: string;
    readonly repository?: string | undefined;
    readonly file?: string | undefined;
    readonly line?: number | undefined;
  }[];
  readonly exemption?: { readonly reason: string; readonly until: string } | undefined;
}

interface PlainCalls {
  readonly source: { readonly namespace: string; readonly workload: string };
  readonly destination: { readonly namespace: string; readonly workload: string };
  readonly policy: string;
  readonly count: number;
}

interface Gate {
  readonly isOpen: boolean;
  readonly entries: readonly GateLine[];
  readonly plain: readonly PlainCalls[];
}

/** What a namespace lacks fills no screen; `--json` has all of it. */
const shown = 4;

/** The gate of STRICT: a line for each namespace, and what the missing ones lack. */
export function describeGate(cluster: string, { isOpen, entries, plain }: Gate, colours: Paint): string {
  const width = Math.max(0, ...entries.map(({ namespace }) => namespace.length));
  const lines = entries.flatMap(({ namespace, verdict, lacks, exemption }) => {
    const tint = { enforced: colours.green, exempted: colours.yellow, missing: colours.red }[verdict];
    const said = exemption === undefined ? '' : printable(`until ${exemption.until}: ${exemption.reason}`);
    const head = `  ${tint(verdict.padEnd(8))}  ${namespace.padEnd(width)}  ${said}`.trimEnd();
    const more = lacks.length > shown ? [`            and ${String(lacks.length - shown)} more`] : [];
    const details =
      verdict === 'missing' ? lacks.slice(0, shown).map(({ what }) => `            ${printable(what)}`) : [];
    return [head, ...details, ...(verdict === 'missing' ? more : [])];
  });
  const seen = plain.map(
    ({ source, destination, count }) =>
      `  ${colours.red('plain   ')}  ${printable(`${source.namespace}/${source.workload} → ${destination.namespace}/${destination.workload}`)}, ${String(Math.ceil(count))} times`,
  );
  const verdict = isOpen ? colours.green('open') : colours.red('closed');
  return `STRICT on ${cluster}: the gate is ${verdict}\n${[...lines, ...seen].join('\n')}\n`;
}

/** The stable JSON of `strict`. */
export function gateAsJson(cluster: string, { isOpen, entries, plain }: Gate): object {
  return { cluster, open: isOpen, namespaces: entries, plainText: plain };
}
