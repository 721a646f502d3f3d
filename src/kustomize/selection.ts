import { labelsAt } from '../k8s/selector.ts';
import { isSelectorText, selectsByText } from '../k8s/selector-text.ts';
import { stringAt, type JsonObject, type JsonValue } from '../model/json.ts';
import { groupOf } from '../model/manifest.ts';
import { isGone, kindOf, namespaceIn, type Building } from './building.ts';

/** Whether the `target` of a patch, or the `select` of a replacement, takes an object, by any name it had.
 *  @see https://github.com/kubernetes-sigs/kustomize/blob/master/api/types/selector.go */
export function isSelected(object: Building, target: JsonObject): boolean {
  return (
    isNamedBy(object, target) &&
    selectsByText(stringAt(target, 'labelSelector') ?? '', labelsAt(object.value, 'metadata', 'labels')) &&
    selectsByText(
      stringAt(target, 'annotationSelector') ?? '',
      labelsAt(object.value, 'metadata', 'annotations'),
    )
  );
}

function isNamedBy(object: Building, target: JsonObject): boolean {
  if (isGone(object)) return false;
  const apiVersion = stringAt(object.value, 'apiVersion') ?? '';
  const version = apiVersion.slice(apiVersion.indexOf('/') + 1);
  return (
    matches(target.group, groupOf(apiVersion)) &&
    matches(target.version, version) &&
    matches(target.kind, kindOf(object.value)) &&
    object.ids.some(({ name }) => matches(target.name, name)) &&
    object.ids.some((id) => matches(target.namespace, namespaceIn(id)))
  );
}

/** kustomize anchors each selector field as a regular expression. */
function matches(pattern: JsonValue | undefined, text: string): boolean {
  if (pattern === undefined || pattern === null || pattern === '') return true;
  if (typeof pattern !== 'string') return false;
  if (pattern === text) return true;
  // Only alternatives and `.*` are followed: a pattern out of a repository never becomes a regular expression of ours.
  return pattern
    .replace(/^\^?\(?/, '')
    .replace(/\)?\$?$/, '')
    .split('|')
    .some(
      (part) => part === text || part === '.*' || (part.endsWith('.*') && text.startsWith(part.slice(0, -2))),
    );
}

/** Why kustomize refuses a selector: a pattern that can't be read, or a label selector once there is an object to ask. Patterns
 *  are looked at for what is commonly wrong, and never run. */
export function selectorRefusal(target: JsonObject, objects: readonly Building[]): string | undefined {
  for (const name of ['group', 'version', 'kind', 'name', 'namespace'] as const) {
    const pattern = stringAt(target, name);
    const reason = pattern === undefined ? undefined : patternRefusal(pattern);
    if (reason !== undefined) return `error parsing regexp: ${reason}: \`^(?:${pattern ?? ''})$\``;
  }
  if (!objects.some((object) => isNamedBy(object, target))) return undefined;
  for (const name of ['labelSelector', 'annotationSelector'] as const) {
    const text = stringAt(target, name) ?? '';
    if (!isSelectorText(text)) return `unable to parse requirement: ${name} "${text}"`;
  }
  return undefined;
}

function patternRefusal(pattern: string): string | undefined {
  let open = 0;
  let isInClass = false;
  for (let at = 0; at < pattern.length; at++) {
    const sign = pattern[at] ?? '';
    if (sign === '\\') {
      if (++at >= pattern.length) return 'trailing backslash at end of expression';
    } else if (isInClass) isInClass = sign !== ']';
    else if (sign === '[') isInClass = true;
    else if (sign === '(') open++;
    else if (sign === ')' && --open < 0) return 'unexpected )';
    else if ('*+?'.includes(sign) && '(|'.includes(pattern[at - 1] ?? '(') && pattern[at - 1] !== '\\')
      // `(?:` begins a group.
      if (!(sign === '?' && pattern[at - 1] === '('))
        return `missing argument to repetition operator: \`${sign}\``;
  }
  if (isInClass) return 'missing closing ]';
  return open > 0 ? 'missing closing )' : undefined;
}
