/** Who calls whom, by names; both ends are nodes. */
export interface Graph {
  /** In a fixed order, so that everything made of it is too. */
  readonly nodes: readonly string[];
  readonly callees: ReadonlyMap<string, ReadonlySet<string>>;
  readonly callers: ReadonlyMap<string, ReadonlySet<string>>;
}

/** A graph of calls; a call to oneself says nothing about order and is left out. */
export function graphOf(
  nodes: readonly string[],
  calls: readonly { readonly from: string; readonly to: string }[],
): Graph {
  const sorted = [...new Set(nodes)].sort();
  const callees = new Map(sorted.map((node) => [node, new Set<string>()]));
  const callers = new Map(sorted.map((node) => [node, new Set<string>()]));
  for (const { from, to } of calls) {
    if (from === to || !callees.has(from) || !callees.has(to)) continue;
    callees.get(from)?.add(to);
    callers.get(to)?.add(from);
  }
  return { nodes: sorted, callees, callers };
}

/** The groups of nodes that call each other in a circle, each sorted; a node in no circle is a group of its own. Callers'
 *  groups come before their callees'. Tarjan's algorithm without recursion: linear time, any depth.
 *  @see https://doi.org/10.1137/0201010 */
export function components({ nodes, callees }: Graph): readonly (readonly string[])[] {
  const index = new Map<string, number>();
  const low = new Map<string, number>();
  const open: string[] = [];
  const isOpen = new Set<string>();
  const found: string[][] = [];
  for (const root of nodes) {
    if (index.has(root)) continue;
    const path: { readonly node: string; readonly rest: Iterator<string> }[] = [];
    const enter = (node: string) => {
      index.set(node, index.size);
      low.set(node, index.get(node) ?? 0);
      open.push(node);
      isOpen.add(node);
      path.push({ node, rest: (callees.get(node) ?? new Set<string>()).values() });
    };
    enter(root);
    for (let top = path.at(-1); top !== undefined; top = path.at(-1)) {
      const { node } = top;
      const next = top.rest.next();
      if (next.done !== true) {
        const known = index.get(next.value);
        if (known === undefined) enter(next.value);
        else if (isOpen.has(next.value)) low.set(node, Math.min(low.get(node) ?? 0, known));
        continue;
      }
      path.pop();
      const above = path.at(-1);
      if (above !== undefined) low.set(above.node, Math.min(low.get(above.node) ?? 0, low.get(node) ?? 0));
      if (low.get(node) !== index.get(node)) continue;
      const group = open.splice(open.lastIndexOf(node));
      for (const member of group) isOpen.delete(member);
      found.push(group.sort());
    }
  }
  // Tarjan ends callees first.
  return found.reverse();
}
