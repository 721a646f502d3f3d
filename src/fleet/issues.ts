import { z } from 'zod';
import { isList, isObject, valueAt, type JsonValue, type YamlPath } from '../model/json.ts';
import type { Problem } from '../model/problem.ts';
import { nearest } from './nearest.ts';

type Issue = z.core.$ZodIssue;

/** A value that was read, and where its parts are written. */
interface ReadValue {
  readonly value: JsonValue;
  /** With the file, where it is not the one that is named. */
  placeOf(
    path: YamlPath,
    which?: 'key' | 'value',
  ): { readonly line: number; readonly column: number; readonly file?: string };
  /** A path as the file it is written in has it. */
  localPath?(path: YamlPath): YamlPath;
}

/** Makes readable problems, with their places, of what the schema found. */
export function describeIssues(
  issues: readonly Issue[],
  document: ReadValue,
  file: string,
  schema: z.ZodType,
): readonly Problem[] {
  return issues.flatMap((issue) => describeIssue(issue, [], document, file, schema));
}

function describeIssue(
  issue: Issue,
  above: YamlPath,
  document: ReadValue,
  file: string,
  schema: z.ZodType,
): readonly Problem[] {
  const path: YamlPath = [...above, ...issue.path.filter((step) => typeof step !== 'symbol')];
  const found = valueAt(document.value, ...path);
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => unknownKey(key, path, document, file, keysAt(schema, path)));
  if (issue.code === 'invalid_union') {
    // The branch that fits the written kind of value says more than "none of them".
    const fitting = issue.errors.filter((branch) =>
      branch.some((inner) => inner.path.length > 0 || inner.code === 'unrecognized_keys'),
    );
    const [branch] = fitting;
    if (branch !== undefined && fitting.length === 1)
      return branch.flatMap((inner) => describeIssue(inner, path, document, file, schema));
  }
  if (issue.code === 'invalid_key') {
    const place = document.placeOf(path, 'key');
    return [
      {
        rule: 'fleet-bad-value',
        severity: 'error',
        message: `The key "${String(path.at(-1))}" must be ${issue.issues[0]?.message ?? 'another one'}.`,
        fix: 'Correct the key.',
        file,
        ...place,
      },
    ];
  }
  const name = nameOf(document.localPath?.(path) ?? path);
  if (found === undefined) {
    const parent = path.slice(0, -1);
    return [
      {
        rule: 'fleet-missing-key',
        severity: 'error',
        message: `${name} is missing; it must be ${issue.message}.`,
        fix: `Add "${String(path.at(-1))}:" ${parent.length === 0 ? 'to the file' : `to ${nameOf(document.localPath?.(parent) ?? parent)}`}.`,
        file,
        ...document.placeOf(parent, 'key'),
      },
    ];
  }
  return [
    {
      rule: issue.code === 'invalid_type' ? 'fleet-wrong-type' : 'fleet-bad-value',
      severity: 'error',
      message: `${name} must be ${issue.message}, but is ${describe(found)}.`,
      fix: fixFor(issue, found),
      file,
      ...document.placeOf(path),
    },
  ];
}

function fixFor(issue: Issue, found: JsonValue): string {
  if (issue.code === 'invalid_value' && typeof found === 'string') {
    const guess = nearest(found, issue.values.map(String));
    if (guess !== undefined) return `Did you mean ${guess}?`;
  }
  if (typeof found === 'number' || typeof found === 'boolean')
    return 'Correct the value; quote it if it is meant as text.';
  return 'Correct the value.';
}

function unknownKey(
  key: string,
  path: YamlPath,
  document: ReadValue,
  file: string,
  known: readonly string[],
): Problem {
  const place = document.placeOf([...path, key], 'key');
  if (path[0] === 'forge' && /token|password|secret|private/i.test(key))
    return {
      rule: 'fleet-secret',
      severity: 'error',
      message: `"${key}" must not be in a file that is committed.`,
      fix: 'Remove it, revoke it if it was pushed, and set GITHUB_TOKEN in the environment.',
      file,
      ...place,
    };
  const guess = nearest(key, known);
  return {
    rule: 'fleet-unknown-key',
    severity: 'error',
    message: `"${key}" is not a key of ${path.length === 0 ? 'a fleet file' : nameOf(document.localPath?.(path) ?? path)}. Known: ${known.join(', ')}.`,
    fix: guess === undefined ? 'Remove it.' : `Did you mean ${guess}?`,
    file,
    ...place,
  };
}

/** `namespaces[2].services[0]` */
function nameOf(path: YamlPath): string {
  if (path.length === 0) return 'The file';
  return path
    .map((step, index) => (typeof step === 'number' ? `[${String(step)}]` : index === 0 ? step : `.${step}`))
    .join('');
}

function describe(value: JsonValue): string {
  if (value === null) return 'empty';
  if (isList(value)) return value.length === 0 ? 'an empty list' : 'a list';
  if (isObject(value)) return 'a map';
  const text = JSON.stringify(value);
  return text.length > 80 ? `${text.slice(0, 77)}…"` : text;
}

/** The keys that the schema knows at a path. */
function keysAt(schema: z.ZodType, path: YamlPath): readonly string[] {
  let at: readonly z.core.$ZodType[] = [schema];
  for (const step of path) at = at.flatMap(open).flatMap((each) => below(each, step));
  return at.flatMap(open).flatMap((each) => (each instanceof z.ZodObject ? Object.keys(each.shape) : []));
}

function open(schema: z.core.$ZodType): readonly z.core.$ZodType[] {
  if (schema instanceof z.ZodOptional) return open(schema.unwrap());
  if (schema instanceof z.ZodUnion) return schema.options.flatMap(open);
  return [schema];
}

function below(schema: z.core.$ZodType, step: string | number): readonly z.core.$ZodType[] {
  if (schema instanceof z.ZodArray) return [schema.element];
  if (schema instanceof z.ZodObject) {
    const member: unknown = (schema.shape as Record<string, unknown>)[String(step)];
    return member instanceof z.ZodType ? [member] : [];
  }
  return schema instanceof z.ZodRecord ? [schema.valueType] : [];
}
