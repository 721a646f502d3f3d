import type { Call, Evidence } from '../model/traffic.ts';
import type { JsonValue } from '../model/json.ts';
import { parsePrincipal } from '../k8s/principal.ts';
import type { Problem } from '../model/problem.ts';

/** One end of a call, as some tool names it. */
export type Party =
  /** Candidates for the name of its Service, the best first, and its account where it is told. */
  | {
      readonly kind: 'pods';
      /** undefined: the tool does not tell. */
      readonly namespace: string | undefined;
      readonly names: readonly string[];
      readonly account?: string | undefined;
    }
  | { readonly kind: 'host'; readonly host: string; readonly port: number }
  /** Someone of whom nothing is known: without a sidecar, or outside of the cluster. */
  | { readonly kind: 'unknown' };

/** A call that some tool has seen. */
export interface Observed {
  readonly from: Party;
  readonly to: Party;
  readonly protocol?: Call['protocol'];
  readonly method?: string | undefined;
  readonly path?: string | undefined;
  readonly count: number;
  /** ISO 8601. */
  readonly lastSeen?: string | undefined;
}

/** What policies in dry-run would have done to the requests of some pods, of any caller. */
export interface ShadowTraffic {
  readonly to: Extract<Party, { readonly kind: 'pods' }>;
  /** ISO 8601. */
  readonly from: string;
  readonly until: string;
  readonly allowed: number;
  readonly refused: number;
}

/** What a file of some tool tells. */
interface ObservedFile {
  readonly calls: readonly Observed[];
  readonly shadow?: readonly ShadowTraffic[];
  readonly problems: readonly Problem[];
}

/** A JSON document of a file, and the line it starts at. */
export interface GraphDocument {
  readonly value: JsonValue;
  readonly line: number;
}

/** A tool whose files hold calls: one file in `importers/`, one line in its index. Pure; never throws. */
export interface Importer {
  readonly source: Exclude<Evidence['source'], 'declared' | 'manifests'>;
  /** What it reads, as a phrase. */
  readonly reads: string;
  /** Whether a file is one of its own, by its first document. */
  recognises(value: JsonValue): boolean;
  read(documents: readonly GraphDocument[], file: string): ObservedFile;
}

/** Holds an importer to its type. */
export function importer(definition: Importer): Importer {
  return definition;
}

/** Something in a file that is not as it should be; the rest of the file counts. */
export function unreadable(file: string, line: number, where: string, message: string): Problem {
  return {
    rule: 'graph-entry-unreadable',
    severity: 'warning',
    message: `${where} ${message}, and was skipped.`,
    fix: 'Save the output of the tool unchanged.',
    file,
    line,
    column: 1,
  };
}

/** A name that can be one of Kubernetes'; what tools write for nobody is none. */
export function nameIn(text: string | undefined): string | undefined {
  if (text === undefined || text === 'unknown' || text === '-') return undefined;
  return /^[a-z0-9](?:[-a-z0-9.]{0,251}[a-z0-9])?$/.test(text) ? text : undefined;
}

/** A DNS name that is not one of the cluster's, without its port. */
export function externalHost(text: string | undefined): string | undefined {
  const [host = ''] = (text ?? '').toLowerCase().replace(/\.$/, '').split(':');
  if (/\.svc(?:\.|$)|\.local$/.test(host) || /^[0-9.]+$/.test(host)) return undefined;
  const isName = /^(?:\*\.)?(?:[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?\.)+[a-z]{2,63}$/.test(host);
  return isName && host.length <= 253 ? host : undefined;
}

/** The account of a SPIFFE identity. */
export function accountIn(principal: string | undefined): string | undefined {
  return nameIn(parsePrincipal((principal ?? '').replace(/^spiffe:\/\//, ''))?.serviceAccount);
}

/** Unix seconds as ISO 8601; undefined for what no date can hold. */
export function dateOf(seconds: JsonValue | undefined): string | undefined {
  if (typeof seconds !== 'number' || !Number.isFinite(seconds) || Math.abs(seconds) > 8.64e12)
    return undefined;
  return new Date(seconds * 1000).toISOString();
}
