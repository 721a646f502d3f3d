import { objectAt, type JsonObject, type JsonValue } from '../model/json.ts';

/** Labels as text; values that are no text do not count. */
export function labelsAt(value: JsonValue | undefined, ...path: string[]): Readonly<Record<string, string>> {
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
