import { isList, isObject, stringAt, type JsonObject, type JsonValue, type YamlPath } from '../model/json.ts';
import { documentValues } from '../yaml/documents.ts';
import { goBooleans } from '../yaml/go-values.ts';
import { substitute, type Variables } from './substitution.ts';

/** What Flux makes of an object. A text that it refuses, or whose variables are not known, stays as it is: still to be filled
 *  in, and known to be so by its `${`. */
export interface SubstitutedObject {
  readonly value: JsonObject;
  /** Places that make Flux refuse the whole build. */
  readonly refused: readonly { readonly path: YamlPath; readonly why: string }[];
  /** Variables that are read and not known. */
  readonly unknown: ReadonlySet<string>;
}

/** Fills in the variables of an object as a Flux Kustomization does after its build: in texts and in keys, on the YAML that
 *  kustomize prints, where quotes that YAML does not need are gone. So `"${REPLICAS}"` becomes a number.
 *  @param isAlways  whether `substituteStrategy` says so: without it, and without a variable, nothing is filled in
 *  @see https://fluxcd.io/flux/components/kustomize/kustomizations/#post-build-variable-substitution */
export function substituteObject(
  object: JsonObject,
  variables: Variables,
  isAlways = false,
): SubstitutedObject {
  const refused: { readonly path: YamlPath; readonly why: string }[] = [];
  const unknown = new Set<string>();
  const runs = isAlways || variables.known.size > 0 || !variables.isWhole;
  if (!runs || isLeftOut(object)) return { value: object, refused, unknown };
  const filled = (text: string, path: YamlPath): JsonValue => {
    const result = substituteScalar(text, variables);
    if (result.kind === 'value') return result.value;
    if (result.kind === 'refused') refused.push({ path, why: result.why });
    else for (const name of result.names) unknown.add(name);
    return text;
  };
  const visit = (value: JsonValue, path: YamlPath): JsonValue => {
    if (typeof value === 'string') return value.includes('$') ? filled(value, path) : value;
    if (isList(value)) return value.map((each, index) => visit(each, [...path, index]));
    return isObject(value) ? members(value, path) : value;
  };
  const members = (value: JsonObject, path: YamlPath): JsonObject =>
    Object.fromEntries(
      Object.entries(value).map(([key, member]) => [
        key.includes('$') ? keyText(filled(key, [...path, key])) : key,
        visit(member, [...path, key]),
      ]),
    );
  return { value: members(object, []), refused, unknown };
}

/** Whether an object asks Flux to leave it as it is: by a label or an annotation, in this very spelling. */
export function isLeftOut(object: JsonObject): boolean {
  return ['labels', 'annotations'].some(
    (kind) => stringAt(object, 'metadata', kind, 'kustomize.toolkit.fluxcd.io/substitute') === 'disabled',
  );
}

function keyText(value: JsonValue): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

type Scalar =
  | { readonly kind: 'value'; readonly value: JsonValue }
  | { readonly kind: 'refused'; readonly why: string }
  | { readonly kind: 'unknown'; readonly names: readonly string[] };

function substituteScalar(text: string, variables: Variables): Scalar {
  const printed = printedAs(text);
  const result = substitute(printed ?? text, variables);
  if (result.kind !== 'text') return result;
  // The lines of a block are what they are; no value has a line end.
  if (printed === undefined) return { kind: 'value', value: result.text };
  if (result.text === printed) return { kind: 'value', value: text };
  const value = readAgain(result.text);
  return value === undefined
    ? { kind: 'refused', why: 'with the values filled in, the result is not YAML' }
    : { kind: 'value', value };
}

/** How kustomize prints a text on one line; undefined: in a block of lines. */
function printedAs(text: string): string | undefined {
  if (text.includes('\n')) return undefined;
  if (/[\u0000-\u001f\u007f-\u009f]/.test(text)) return JSON.stringify(text);
  const isPlain =
    !/^[#,[\]{}&*!|>'"%@` ]|^[-?:](?: |$)|^(?:---|\.\.\.)|: | #|[: ]$/.test(text) && readAgain(text) === text;
  return isPlain ? text : `'${text.replaceAll("'", "''")}'`;
}

/** The value that a YAML 1.1 reader finds after a key; undefined: it finds a mistake. */
function readAgain(text: string): JsonValue | undefined {
  const word = goBooleans.get(text.trim());
  if (word !== undefined) return word;
  const number = text.replaceAll('_', '');
  if (/^[-+]?0[0-7]+$/.test(number)) return Number.parseInt(number, 8);
  if (/^0b[01]+$/.test(number)) return Number.parseInt(number.slice(2), 2);
  if (/^[-+]?[1-9][0-9]*_[0-9_]*$/.test(text)) return Number(number);
  // Kubernetes' JSON has no such numbers.
  if (/^(?:[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$/.test(text)) return undefined;
  const [document, ...more] = documentValues(`k: ${text}\n`);
  if (more.length > 0 || !isObject(document)) return undefined;
  const [, ...others] = Object.keys(document);
  return others.length > 0 ? undefined : document.k;
}
