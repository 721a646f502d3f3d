import type { Deciding } from '../mesh/client.ts';
import { describeResource } from '../model/resource.ts';
import type { Decision, Symptom, Verdict } from '../model/traffic.ts';

export function works(reason: string): Verdict {
  return { verdict: 'works', reason };
}

export function breaks(symptom: Symptom, reason: string, by?: Deciding): Verdict {
  return { verdict: 'breaks', symptom, reason, ...placeOf(by) };
}

export function undetermined(reason: string, settle: string, by?: Deciding): Verdict {
  return { verdict: 'undetermined', reason, settle, ...placeOf(by) };
}

/** What is true of all of them: of pods that share the calls, of routes that share the requests. One that breaks is enough.
 *  @returns undefined for none */
export function together(verdicts: Iterable<Verdict>): Verdict | undefined {
  let found: Verdict | undefined;
  for (const each of verdicts) {
    if (each.verdict === 'breaks') return each;
    if (found === undefined || (found.verdict === 'works' && each.verdict === 'undetermined')) found = each;
  }
  return found;
}

/** What is true whichever of the possibilities is the case: they agree, or nobody knows.
 *  @param doubt  what is not known, as a clause
 *  @returns undefined for none */
export function either(verdicts: readonly Verdict[], doubt: string, settle: string): Verdict | undefined {
  const [first] = verdicts;
  if (first === undefined || verdicts.every(({ verdict }) => verdict === first.verdict)) return first;
  const broken = verdicts.find(({ verdict }) => verdict === 'breaks');
  const { file, line, resource } = broken ?? {};
  const worst = broken === undefined ? '' : `; at worst, ${lowered(broken.reason)}`;
  return { verdict: 'undetermined', reason: sentence(`${doubt}${worst}`), settle, resource, file, line };
}

function placeOf(by: Deciding | undefined): Pick<Verdict, 'resource' | 'file' | 'line'> {
  if (by === undefined) return {};
  const { file, line } = by.resource.rangeOf(by.path);
  return { resource: describeResource(by.resource), file, line };
}

export function stepOf(text: string, by?: Deciding): Decision {
  const { file, line } = placeOf(by);
  return { text: sentence(text), file, line };
}

/** A clause as a sentence; one that starts with a name keeps it as it is. */
export function sentence(clause: string): string {
  const startsWithName = /^(?:\S*[/.:]|mTLS\b)/.test(clause);
  const text = startsWithName ? clause : clause.slice(0, 1).toUpperCase() + clause.slice(1);
  return text.endsWith('.') ? text : `${text}.`;
}

function lowered(text: string): string {
  const [first = '', second = ''] = text;
  // A name in capitals stays one.
  return second === second.toLowerCase() ? first.toLowerCase() + text.slice(1) : text;
}
