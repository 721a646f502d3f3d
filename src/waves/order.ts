import type { Wave } from '../model/waves.ts';
import { components, type Graph } from './graph.ts';

/** A namespace as planning sees it. */
export interface WaveCandidate {
  readonly name: string;
  /** What it has that can go wrong in its own way: `hosts`, `sticky sessions`, … Similar ones go together. */
  readonly traits: readonly string[];
  readonly services: number;
  /** Whether anybody uses it: hosts, callers or calls. */
  readonly hasTraffic: boolean;
}

interface Component {
  readonly members: readonly string[];
  readonly traits: string;
  readonly hasTraffic: boolean;
  /** How many others would notice: callers and callees. */
  readonly radius: number;
  readonly services: number;
  readonly callers: ReadonlySet<Component>;
}

/** Puts namespaces into waves in which no working call breaks: a namespace is enforced only when whoever calls it has an
 *  identity, so callers are in the same wave or an earlier one, and a wave joins as a whole before any of it is enforced.
 *  The pilot is the smallest namespace with traffic that nobody calls; similar ones follow together (FIELD-REPORT 5).
 *  Deterministic; linear in calls but for sorting.
 *  @param placed  waves that people chose; they come first, as they are
 *  @param maxSize  how many namespaces a wave may have; a circle of calls is never divided */
export function planWaves(
  candidates: readonly WaveCandidate[],
  graph: Graph,
  placed: readonly { readonly name: string; readonly namespaces: readonly string[] }[],
  maxSize: number,
): readonly Wave[] {
  const given = new Set(placed.flatMap(({ namespaces }) => namespaces));
  const all = componentsOf(candidates, graph);
  const done = new Set(all.filter(({ members }) => members.every((name) => given.has(name))));
  const waves: Wave[] = placed.map(({ name, namespaces }) => ({
    name,
    why: 'chosen in fleet.yaml',
    namespaces: namespaces.map((each) => ({ name: each, why: whyOf(each, graph) })),
  }));
  const pool = new Pool(all, done);
  if (placed.length === 0) {
    const pilot = pool.pilot();
    if (pilot !== undefined) {
      pool.take(pilot);
      waves.push(waveOf('pilot', [pilot], graph, whyPilot(pilot)));
    }
  }
  for (;;) {
    const taken = pool.fill(maxSize);
    if (taken.length === 0) return waves;
    const traits = taken[0]?.traits ?? '';
    const why = `similar: ${traits === '' ? 'plain services' : traits}; every caller is here or in an earlier wave`;
    waves.push(waveOf(nextName(waves), taken, graph, why));
  }
}

function nextName(waves: readonly Wave[]): string {
  const names = new Set(waves.map(({ name }) => name));
  let number = 1;
  while (names.has(`wave-${String(number)}`)) number++;
  return `wave-${String(number)}`;
}

function waveOf(name: string, taken: readonly Component[], graph: Graph, why: string): Wave {
  const members = taken.flatMap((component) => component.members);
  return { name, why, namespaces: members.map((each) => ({ name: each, why: whyOf(each, graph) })) };
}

function whyPilot({ radius, services }: Component): string {
  const few =
    radius === 0
      ? 'no other namespace calls it or is called by it'
      : `it calls ${count(radius, 'namespace')}`;
  return `the smallest with real traffic that nobody depends on: ${few}, ${count(services, 'service')}`;
}

/** Why a namespace is not earlier. */
function whyOf(name: string, graph: Graph): string {
  const callers = [...(graph.callers.get(name) ?? [])];
  if (callers.length === 0) return 'no other namespace calls it';
  const shown = callers.slice(0, 3).join(', ');
  const more = callers.length > 3 ? ` and ${String(callers.length - 3)} more` : '';
  return `called by ${shown}${more}`;
}

function count(number: number, what: string): string {
  return `${String(number)} ${what}${number === 1 ? '' : 's'}`;
}

function componentsOf(candidates: readonly WaveCandidate[], graph: Graph): readonly Component[] {
  const byName = new Map(candidates.map((candidate) => [candidate.name, candidate]));
  const owner = new Map<string, Component & { callers: Set<Component> }>();
  const found = components(graph).map((members) => {
    const own = new Set(members);
    const each = members.flatMap((name) => byName.get(name) ?? []);
    const neighbours = new Set(
      members.flatMap((name) => [...(graph.callers.get(name) ?? []), ...(graph.callees.get(name) ?? [])]),
    );
    const component = {
      members,
      traits: [...new Set(each.flatMap(({ traits }) => traits))].sort().join(', '),
      hasTraffic: each.some(({ hasTraffic }) => hasTraffic),
      radius: [...neighbours].filter((name) => !own.has(name)).length,
      services: each.reduce((sum, { services }) => sum + services, 0),
      callers: new Set<Component>(),
    };
    for (const name of members) owner.set(name, component);
    return component;
  });
  for (const component of found)
    for (const name of component.members)
      for (const caller of graph.callers.get(name) ?? []) {
        const other = owner.get(caller);
        if (other !== undefined && other !== component) component.callers.add(other);
      }
  return found;
}

/** What may go next: components all of whose callers are placed, by their traits. */
class Pool {
  readonly #waiting = new Map<Component, number>();
  readonly #callees = new Map<Component, Component[]>();
  readonly #ready = new Map<string, Component[]>();

  constructor(all: readonly Component[], done: ReadonlySet<Component>) {
    for (const component of all) {
      for (const caller of component.callers)
        this.#callees.set(caller, [...(this.#callees.get(caller) ?? []), component]);
      if (done.has(component)) continue;
      const open = [...component.callers].filter((caller) => !done.has(caller)).length;
      if (open === 0) this.#makeReady(component);
      else this.#waiting.set(component, open);
    }
  }

  /** The one to begin with: smallest blast radius, with traffic where any has. */
  pilot(): Component | undefined {
    const ready = [...this.#ready.values()].flat();
    const used = ready.filter(({ hasTraffic }) => hasTraffic);
    return [...(used.length > 0 ? used : ready)].sort(bySize)[0];
  }

  /** Places a component; who waited for it last is ready at once, as part of the same wave. */
  take(component: Component): void {
    const group = this.#ready.get(component.traits) ?? [];
    group.splice(group.indexOf(component), 1);
    if (group.length === 0) this.#ready.delete(component.traits);
    for (const callee of this.#callees.get(component) ?? []) {
      const open = (this.#waiting.get(callee) ?? 1) - 1;
      if (open > 0) this.#waiting.set(callee, open);
      else if (this.#waiting.delete(callee)) this.#makeReady(callee);
    }
  }

  /** One wave of similar components: those with the traits that most of the ready ones have. */
  fill(maxSize: number): readonly Component[] {
    const [traits] = [...this.#ready.entries()]
      .sort(([one, a], [other, b]) => b.length - a.length || (one < other ? -1 : 1))
      .map(([key]) => key);
    const taken: Component[] = [];
    let size = 0;
    for (;;) {
      const ready = traits === undefined ? [] : [...(this.#ready.get(traits) ?? [])];
      const next = ready.find(({ members }) => size === 0 || size + members.length <= maxSize);
      if (next === undefined) return taken;
      this.take(next);
      taken.push(next);
      size += next.members.length;
      if (size >= maxSize) return taken;
    }
  }

  #makeReady(component: Component): void {
    const group = this.#ready.get(component.traits) ?? [];
    const at = group.findIndex((each) => bySize(component, each) < 0);
    group.splice(at < 0 ? group.length : at, 0, component);
    this.#ready.set(component.traits, group);
  }
}

function bySize(one: Component, other: Component): number {
  return (
    one.members.length - other.members.length ||
    one.radius - other.radius ||
    one.services - other.services ||
    ((one.members[0] ?? '') < (other.members[0] ?? '') ? -1 : 1)
  );
}
