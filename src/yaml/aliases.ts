import { isAlias, isMap, isScalar, isSeq, Scalar, visit, type Document } from 'yaml';

/** Whether an alias stands inside of what it refers to. */
export function hasCycle(document: Document): boolean {
  const anchors = new Map<string, unknown>();
  let found = false;
  visit(document, (_, node, path) => {
    if (isAlias(node)) {
      found ||= path.includes(anchors.get(node.source) as never);
      return;
    }
    const anchor = anchorOf(node);
    if (anchor !== undefined) anchors.set(anchor, node);
  });
  return found;
}

/** Where something that is not a map is to be merged.
 *  @returns its offset in the text; undefined: nowhere */
export function badMerge(document: Document): number | undefined {
  const anchors = new Map<string, unknown>();
  const resolved = (value: unknown) => (isAlias(value) ? anchors.get(value.source) : value);
  let found: number | undefined;
  visit(document, {
    Node(_, node) {
      const anchor = anchorOf(node);
      if (anchor !== undefined) anchors.set(anchor, node);
    },
    Pair(_, { key, value }) {
      if (!isScalar(key) || key.source !== '<<' || key.type !== Scalar.PLAIN) return undefined;
      const source = resolved(value);
      const parts = isSeq(source) ? source.items.map(resolved) : [source];
      if (parts.every(isMap)) return undefined;
      found = key.range?.[0] ?? 0;
      return visit.BREAK;
    },
  });
  return found;
}

function anchorOf(node: unknown): string | undefined {
  return isScalar(node) || isMap(node) || isSeq(node) ? node.anchor : undefined;
}
