import { forJson } from '../model/quoted.ts';

/** A value as `JSON.stringify(value, undefined, 2)` prints it, list by list and item by item: never as one text that is as long
 *  as all of them.
 *  @param value  a plain object, as a command's result is one
 *  @param clean  what becomes of each part before it is printed */
export function* jsonText(value: object, clean: (part: unknown) => unknown): Generator<string> {
  const entries = Object.entries(value).filter(([, member]) => member !== undefined);
  if (entries.length === 0) {
    yield '{}\n';
    return;
  }
  let before = '{';
  for (const [key, member] of entries) {
    yield `${before}\n  ${JSON.stringify(key)}: `;
    if (Array.isArray(member) && member.length > 0) yield* items(member, clean);
    else yield printed(clean(member), '  ');
    before = ',';
  }
  yield '\n}\n';
}

function* items(list: readonly unknown[], clean: (part: unknown) => unknown): Generator<string> {
  let before = '[';
  for (const item of list) {
    yield `${before}\n    ${printed(clean(item ?? null), '    ')}`;
    before = ',';
  }
  yield '\n  ]';
}

function printed(value: unknown, indent: string): string {
  return forJson(JSON.stringify(value, undefined, 2)).replaceAll('\n', `\n${indent}`);
}
