import { isMap, isScalar, isSeq, visit, type Document } from 'yaml';
import type { Layout } from './print.ts';
import { columnOf, startOf } from './locate.ts';

/** How a file is laid out, so that what is added looks like what is there. */
export interface Style extends Layout {
  readonly newline: '\n' | '\r\n';
}

export function styleOf(document: Document, text: string): Style {
  const steps = new Map<number, number>();
  let indented = 0;
  let flush = 0;
  visit(document, {
    Pair: (_, pair) => {
      const key = isScalar(pair.key) ? pair.key.range?.[0] : undefined;
      const value = startOf(pair.value);
      if (key === undefined || value === undefined) return;
      if (!(isMap(pair.value) || isSeq(pair.value)) || pair.value.flow === true) return;
      const deeper = columnOf(text, value) - columnOf(text, key);
      if (isSeq(pair.value)) {
        if (deeper > 0) indented++;
        else flush++;
      } else if (deeper > 0) steps.set(deeper, (steps.get(deeper) ?? 0) + 1);
    },
  });
  const [usual] = [...steps].sort(([, one], [, other]) => other - one);
  const breaks = text.split('\n').length - 1;
  const windows = text.split('\r\n').length - 1;
  return {
    step: usual?.[0] ?? 2,
    indentLists: indented === 0 && flush === 0 ? true : indented >= flush,
    newline: windows > breaks / 2 ? '\r\n' : '\n',
  };
}
