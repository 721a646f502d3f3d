import {
  isObject,
  listAt,
  objectAt,
  stringAt,
  stringsAt,
  type JsonObject,
  type JsonValue,
} from '../src/model/json.ts';
import type { Manifest } from '../src/model/manifest.ts';
import { coversPolicyText, matchesPolicyNamespace } from '../src/k8s/policy-text.ts';
import { parsePrincipal } from '../src/k8s/principal.ts';
import { hasLabels, labelsAt } from '../src/k8s/selector.ts';
import { specOf } from './shared.ts';

export function actionOf(policy: Manifest): string {
  return stringAt(specOf(policy), 'action') ?? 'ALLOW';
}

/** An ALLOW policy without rules matches nothing, so whatever no other policy allows is denied. */
export function isDenyAll(policy: Manifest): boolean {
  const spec = specOf(policy);
  return actionOf(policy) === 'ALLOW' && listAt(spec, 'rules').length === 0 && !hasSelector(spec);
}

function hasSelector(spec: JsonObject): boolean {
  return spec.targetRefs !== undefined || spec.targetRef !== undefined || spec.selector !== undefined;
}

/** Whether the ALLOW policy `present` lets through every request that `rule`, of a policy with the spec `wanted`, does.
 *  Only what is surely so counts: a rule with conditions, or a `to` we do not understand, covers nothing. */
export function coversRule(present: Manifest, wanted: JsonObject, rule: JsonValue): boolean {
  const spec = specOf(present);
  if (actionOf(present) !== 'ALLOW' || !coversSelector(spec, wanted)) return false;
  return listAt(spec, 'rules').some(
    (known) =>
      isObject(known) &&
      known.when === undefined &&
      coversSources(known, rule) &&
      coversOperations(known, rule),
  );
}

function coversSelector(present: JsonObject, wanted: JsonObject): boolean {
  if (!hasSelector(present)) return true;
  if (present.targetRefs !== undefined || present.targetRef !== undefined) return false;
  return hasLabels(labelsAt(wanted, 'selector', 'matchLabels'), labelsAt(present, 'selector', 'matchLabels'));
}

function coversSources(known: JsonObject, rule: JsonValue): boolean {
  const sources = listAt(known, 'from');
  if (sources.length === 0) return known.from === undefined;
  // A rule without sources is for anyone.
  const wanted = listAt(rule, 'from');
  if (wanted.length === 0) return false;
  return wanted.every((from) => {
    const principals = stringsAt(from, 'source', 'principals');
    const namespaces = stringsAt(from, 'source', 'namespaces');
    return sources.some((entry) => {
      const source = objectAt(entry, 'source');
      const keys = Object.keys(source);
      if (keys.length !== 1) return false;
      const byPrincipal = stringsAt(source, 'principals');
      const byNamespace = stringsAt(source, 'namespaces');
      if (keys[0] === 'principals' && principals.length > 0)
        return principals.every((principal) =>
          byPrincipal.some((pattern) => coversPolicyText(pattern, principal)),
        );
      if (keys[0] === 'namespaces')
        return [...namespaces, ...principals.map((each) => parsePrincipal(each)?.namespace)].every(
          (name) =>
            name !== undefined && byNamespace.some((pattern) => matchesPolicyNamespace(pattern, name)),
        );
      return false;
    });
  });
}

function coversOperations(known: JsonObject, rule: JsonValue): boolean {
  const operations = listAt(known, 'to');
  if (operations.length === 0) return known.to === undefined;
  const wanted = listAt(rule, 'to');
  if (wanted.length === 0) return false;
  return wanted.every((to) =>
    operations.some((entry) => coversOperation(objectAt(entry, 'operation'), objectAt(to, 'operation'))),
  );
}

function coversOperation(known: JsonObject, wanted: JsonObject): boolean {
  for (const [key, values] of Object.entries(known)) {
    const asked = stringsAt(wanted, key);
    const given = Array.isArray(values) ? stringsAt(known, key) : [];
    if (
      asked.length === 0 ||
      !asked.every((value) => given.some((pattern) => coversPolicyText(pattern, value)))
    )
      return false;
  }
  return true;
}
