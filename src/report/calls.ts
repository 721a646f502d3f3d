import { describeCallee, describeCaller, type Call, type Evidence } from '../model/traffic.ts';
import type { RepoPath } from '../model/named.ts';
import { describeDiffs } from './diff.ts';
import type { Paint } from './paint.ts';

/** The edit of the fleet's files as a diff.
 *  @param seen  how many calls the file of the tool holds */
export function describeImport(
  changed: readonly { readonly name: string; readonly before: string; readonly text: string }[],
  seen: number,
  colours: Paint,
): string {
  const count = `${String(seen)} ${seen === 1 ? 'call' : 'calls'}`;
  if (changed.length === 0) return `${count} observed, nothing to add.\n`;
  return describeDiffs(
    changed.map(({ name, before, text }) => ({ path: name as RepoPath, before, after: text })),
    colours,
  );
}

/** The stable JSON of `calls import`. */
export interface CallsImportJson {
  readonly calls: readonly {
    readonly from: string;
    readonly to: string;
    readonly protocol?: Call['protocol'];
    readonly evidence: readonly Evidence[];
    /** Whether the fleet file did not declare it before. */
    readonly added: boolean;
  }[];
  readonly summary: { readonly seen: number; readonly added: number };
}

export function importAsJson(seen: readonly Call[], added: readonly Call[]): CallsImportJson {
  const news = new Set(added);
  const calls = seen.map((call) => ({
    from: describeCaller(call.from),
    to: describeCallee(call.to),
    protocol: call.protocol,
    evidence: call.evidence,
    added: news.has(call),
  }));
  return { calls, summary: { seen: seen.length, added: added.length } };
}
