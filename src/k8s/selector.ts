import { objectAt, type JsonObject, type JsonValue } from '../model/json.ts';

export type Labels = Readonly<Record<string, string>>;

/** Labels as text; values that are no text do not count. */
export function labelsAt(value: JsonValue | undefined, ...path: string[]): Labels {
  const entries = Object.entries(objectAt(value, ...path));
  return Object.fromEntries(
    entries.filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  );
}

/** Whether `labels` has all of `wanted`; the empty selector takes everything. */
export function hasLabels(
  labels: Readonly<Record<string, string>>,
  wanted: Readonly<Record<string, string>>,
): boolean {
  return Object.entries(wanted).every(([key, value]) => Object.hasOwn(labels, key) && labels[key] === value);
}

/** Whether a Kubernetes label selector (matchLabels and matchExpressions) takes `labels`; an empty one takes everything.
 *  @see https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#resources-that-support-set-based-requirements */
export function selects(selector: JsonObject, labels: Readonly<Record<string, string>>): boolean {
  if (!hasLabels(labels, labelsAt(selector, 'matchLabels'))) return false;
  const expressions = selector.matchExpressions;
  if (!Array.isArray(expressions)) return true;
  return expressions.every((expression: JsonValue) => matchesExpression(expression, labels));
}

function matchesExpression(expression: JsonValue, labels: Readonly<Record<string, string>>): boolean {
  const { key, operator, values } = objectAt(expression);
  if (typeof key !== 'string') return false;
  const value = Object.hasOwn(labels, key) ? labels[key] : undefined;
  const listed = Array.isArray(values) && value !== undefined && values.includes(value);
  if (operator === 'In') return listed;
  if (operator === 'NotIn') return !listed;
  if (operator === 'Exists') return value !== undefined;
  return operator === 'DoesNotExist' && value === undefined;
}

/** Many things with a selector each, found by the labels that they take without trying every one. */
export class SelectorIndex<T> {
  readonly #all: readonly (readonly [T, Readonly<Record<string, string>>])[];
  readonly #byLabel = new Map<string, number[]>();
  readonly #forAll: number[] = [];

  /** @param selectorOf  what a thing takes; the empty selector takes everything */
  constructor(things: readonly T[], selectorOf: (thing: T) => Readonly<Record<string, string>>) {
    this.#all = things.map((thing) => [thing, selectorOf(thing)]);
    const counts = new Map<string, number>();
    for (const [, selector] of this.#all)
      for (const pair of pairsOf(selector)) counts.set(pair, (counts.get(pair) ?? 0) + 1);
    for (const [index, [, selector]] of this.#all.entries()) {
      const [rarest] = pairsOf(selector).sort(
        (one, other) => (counts.get(one) ?? 0) - (counts.get(other) ?? 0),
      );
      if (rarest === undefined) this.#forAll.push(index);
      else {
        const bucket = this.#byLabel.get(rarest);
        if (bucket === undefined) this.#byLabel.set(rarest, [index]);
        else bucket.push(index);
      }
    }
  }

  /** In the order they were given. */
  taking(labels: Readonly<Record<string, string>>): readonly T[] {
    const candidates = [...this.#forAll, ...pairsOf(labels).flatMap((pair) => this.#byLabel.get(pair) ?? [])];
    return candidates
      .sort((one, other) => one - other)
      .flatMap((index) => {
        const entry = this.#all[index];
        return entry !== undefined && hasLabels(labels, entry[1]) ? [entry[0]] : [];
      });
  }
}

function pairsOf(labels: Readonly<Record<string, string>>): string[] {
  return Object.entries(labels).map(([key, value]) => `${key}=${value}`);
}
