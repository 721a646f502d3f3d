type Method = (...of: unknown[]) => unknown;

const strings = [
  'at charAt charCodeAt codePointAt endsWith includes indexOf lastIndexOf localeCompare match matchAll normalize padEnd',
  'padStart repeat replace replaceAll search split startsWith toLowerCase toUpperCase trim trimEnd trimStart',
]
  .join(' ')
  .split(' ');
const constant = new Set(['at', 'charAt', 'charCodeAt', 'codePointAt', 'startsWith', 'endsWith']);
const arrays =
  'concat every filter find findIndex findLast findLastIndex flat flatMap forEach includes indexOf join lastIndexOf map reduce reverse slice some sort'.split(
    ' ',
  );

/** How many characters and items the methods of texts, lists and regular expressions go through while `act` runs: what a
 *  slow machine does not change. What a method reads is counted whole, wherever it stops. */
export function workOf(act: () => unknown): number {
  let work = 0;
  const undo: (() => void)[] = [];
  const count = (
    prototype: object,
    name: string,
    sizeOf: (self: unknown, of: readonly unknown[], from: number, result: unknown) => number,
  ) => {
    const methods = prototype as Record<string, Method>;
    const original = methods[name];
    if (original === undefined) return;
    const descriptor = Object.getOwnPropertyDescriptor(prototype, name) ?? {};
    const counted = function (this: unknown, ...of: unknown[]): unknown {
      const from = this instanceof RegExp ? this.lastIndex : 0;
      const result = Reflect.apply(original, this, of);
      work += 1 + sizeOf(this, of, from, result);
      return result;
    };
    Object.defineProperty(prototype, name, { ...descriptor, value: counted });
    undo.push(() => {
      Object.defineProperty(prototype, name, descriptor);
    });
  };
  const lengthOf = (self: unknown) => (self as { readonly length: number }).length;
  for (const name of ['slice', 'substring'])
    count(String.prototype, name, (_self, _of, _from, result) => lengthOf(result));
  for (const name of strings) count(String.prototype, name, constant.has(name) ? () => 1 : lengthOf);
  for (const name of arrays) count(Array.prototype, name, lengthOf);
  count(RegExp.prototype, 'exec', readBy);
  count(RegExp.prototype, 'test', readBy);
  try {
    act();
  } finally {
    for (const each of undo.reverse()) each();
  }
  return work;
}

/** A search goes on where the one before ended, or begins again when it has found no more. */
function readBy(self: unknown, [text]: readonly unknown[], from: number): number {
  const { global, sticky, lastIndex } = self as RegExp;
  if (sticky) return 1;
  return (global && lastIndex > from ? lastIndex : String(text).length) - (global ? from : 0);
}
