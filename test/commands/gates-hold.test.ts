import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { TargetResult } from '../../src/model/bundle.ts';
import { World } from './world.ts';

const names = ['a', 'b', 'c'] as const;
type Name = (typeof names)[number];
type Stage = 'joined' | 'enforced';

/** b calls a; c has nothing to do with them. */
const fleetText = `version: 1
mesh:
  istioVersion: 1.30.3
  revision: stable
  gateway: {serviceAccount: istio-ingressgateway}
forge: {kind: local, directory: forge}
environments: [{name: lab, domain: lab.acme.example}]
waves:
  - {name: pilot, namespaces: [b]}
  - {name: rest, namespaces: [a, c]}
namespaces:
${names
  .map(
    (name) => `  - name: ${name}
    repository: acme/${name}
    path: deploy
    namespaceManifest: create
    services: [{name: web, serviceAccount: web, ports: [8080]${name === 'b' ? ', calls: ["a/web:8080"]' : ''}}]
`,
  )
  .join('')}`;

const app = {
  'deploy/kustomization.yaml': 'resources:\n- app.yaml\n',
  'deploy/app.yaml': `apiVersion: v1
kind: Service
metadata: {name: web}
spec: {selector: {app: web}, ports: [{name: http, port: 8080}]}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {serviceAccountName: web, containers: [{name: web, image: web}]}
`,
};

/** The order of the plan, as this fleet declares it: a phase begins when the one before it is through. */
const phases: readonly {
  readonly stage: Stage;
  readonly who: readonly Name[];
  readonly soakHours: number;
}[] = [
  { stage: 'joined', who: ['b'], soakHours: 72 },
  { stage: 'enforced', who: ['b'], soakHours: 72 },
  { stage: 'joined', who: ['a', 'c'], soakHours: 1 },
  { stage: 'enforced', who: ['a', 'c'], soakHours: 1 },
];

/** What truly happened, written down by the test as it does it: the only thing its judgement rests on. */
interface Fact {
  readonly name: Name;
  readonly at: number;
  readonly what: 'merged' | 'back' | 'verified' | 'failed';
  readonly stage: Stage;
}

/** Whether a move is through by the rules of docs/WAVES.md: merged since it was last taken back, soaked since then, and the
 *  last word on it is good. A word on the later stage speaks for the earlier one. */
function isThrough(
  facts: readonly Fact[],
  name: Name,
  stage: Stage,
  soakHours: number,
  now: number,
): boolean {
  const stages: readonly Stage[] = stage === 'joined' ? ['joined', 'enforced'] : ['enforced'];
  return stages.some((each) => {
    const own = facts.filter((fact) => fact.name === name && fact.stage === each);
    const last = (what: Fact['what']) => own.findLastIndex((fact) => fact.what === what);
    const merged = own[last('merged')];
    return (
      merged !== undefined &&
      last('merged') > last('back') &&
      now >= merged.at + soakHours * 3_600_000 &&
      last('verified') > last('merged') &&
      last('verified') > last('failed')
    );
  });
}

/** Locks that people made up or mixed up. */
const forgeries = {
  'three lines': (target: string) => `#\napiVersion: meshwright.dev/v1\n    stage: enforced\n# ${target}\n`,
  'a whole lock': (target: string) => `# What Meshwright generated last. It tells your edits from its own.
apiVersion: meshwright.dev/v1
kind: Lock
metadata:
  name: "${target}"
directories:
  - path: deploy
    stage: enforced
    templates:
      source: built-in
      version: "1.1.0"
    digest: 0123456789abcdef0123456789abcdef
    inputs: {}
`,
  'no lock': () => undefined,
};

const hidden = [
  '<!--\n/meshwright verified\n-->',
  '```\n/meshwright verified\n```',
  '> is it good?\n/meshwright verified',
  'Not /meshwright verified',
];

type Step =
  | { readonly do: 'wave open'; readonly parallel: number }
  | { readonly do: 'open' | 'upgrade'; readonly name: Name; readonly stage: Stage }
  | { readonly do: 'roll back'; readonly name: Name; readonly level: string }
  | { readonly do: 'merge' | 'close' | 'stranger' | 'finish'; readonly name: Name }
  | { readonly do: 'say'; readonly name: Name; readonly word: 'verified' | 'failed' }
  | { readonly do: 'hide a word'; readonly name: Name; readonly how: number }
  | { readonly do: 'forge'; readonly name: Name; readonly how: keyof typeof forgeries }
  | { readonly do: 'add namespace' }
  | { readonly do: 'wait'; readonly hours: number };

const name = fc.constantFrom(...names);
const stage = fc.constantFrom<Stage>('joined', 'enforced');
const is = <const T extends string>(word: T) => fc.constant(word);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: is('wave open'), parallel: fc.constantFrom(1, 2) }) },
  { weight: 3, arbitrary: fc.record({ do: is('open'), name, stage }) },
  { weight: 1, arbitrary: fc.record({ do: is('upgrade'), name, stage }) },
  { weight: 1, arbitrary: fc.record({ do: is('roll back'), name, level: fc.constantFrom('1', '2') }) },
  { weight: 5, arbitrary: fc.record({ do: is('merge'), name }) },
  { weight: 5, arbitrary: fc.record({ do: is('finish'), name }) },
  { weight: 1, arbitrary: fc.record({ do: is('close'), name }) },
  { weight: 1, arbitrary: fc.record({ do: is('stranger'), name }) },
  {
    weight: 4,
    arbitrary: fc.record({ do: is('say'), name, word: fc.constantFrom('verified', 'verified', 'failed') }),
  },
  { weight: 1, arbitrary: fc.record({ do: is('hide a word'), name, how: fc.nat(hidden.length - 1) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: is('forge'),
      name,
      how: fc.constantFrom(...(Object.keys(forgeries) as (keyof typeof forgeries)[])),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: is('add namespace') }) },
  { weight: 3, arbitrary: fc.record({ do: is('wait'), hours: fc.constantFrom(1, 24, 72) }) },
);

/** A world, and what truly happened in it. */
class Story {
  readonly world = new World({ 'fleet.yaml': fleetText }, { 'acme/a': app, 'acme/b': app, 'acme/c': app });
  readonly facts: Fact[] = [];

  /** @returns what `wave open` opened though its gate was closed */
  async take(step: Step): Promise<readonly string[]> {
    const { world } = this;
    // No two things happen at the same moment.
    world.hub.passHours(1 / 60);
    if (step.do === 'wave open') return this.#waveOpen(step.parallel);
    if (step.do === 'wait') world.hub.passHours(step.hours);
    if (step.do === 'add namespace') this.#addNamespace();
    if (!('name' in step)) return [];
    const target = `${step.name}@lab`;
    if (step.do === 'open' || step.do === 'upgrade') {
      const kept = world.text('fleet.yaml') ?? '';
      world.disk.set('/home/me/fleet.yaml', declaring(kept, step.name, step.stage));
      await world.run(step.do, [target], step.do === 'upgrade' ? { open: true } : {});
      world.disk.set('/home/me/fleet.yaml', kept);
    }
    if (step.do === 'roll back') await world.run('rollback', [target], { level: step.level });
    const pulls = world.hub.pulls.filter(({ draft }) => draft.target === target);
    const open = pulls.findLast(({ state }) => state === 'open');
    if ((step.do === 'merge' || step.do === 'finish') && open !== undefined) this.#merge(step.name, open);
    if (step.do === 'close' && open !== undefined) open.state = 'closed';
    if (step.do === 'forge') {
      const text = forgeries[step.how](target);
      const path = `.meshwright/${target}.lock.yaml`;
      const { [path]: _, ...rest } = world.hub.repositories[`acme/${step.name}`] ?? {};
      world.hub.repositories[`acme/${step.name}`] = text === undefined ? rest : { ...rest, [path]: text };
    }
    const at = new Date(world.hub.now).toISOString();
    const say = (text: string, isMaintainer: boolean) => {
      for (const pull of pulls) pull.remarks.push({ kind: 'comment', by: 'someone', isMaintainer, at, text });
    };
    if (step.do === 'stranger') say('/meshwright verified', false);
    if (step.do === 'hide a word') say(hidden[step.how] ?? '', true);
    if (step.do === 'finish') world.hub.passHours(73);
    if (step.do === 'finish') this.#say(step.name, 'verified');
    if (step.do === 'say') this.#say(step.name, step.word);
    return [];
  }

  #merge(of: Name, pull: World['hub']['pulls'][number]): void {
    const { hub } = this.world;
    const files = { ...hub.repositories[pull.repository] };
    for (const { path, after } of pull.draft.changes)
      if (after === undefined) Reflect.deleteProperty(files, path);
      else files[path] = after;
    hub.repositories[pull.repository] = files;
    pull.state = 'merged';
    pull.mergedAt = new Date(hub.now).toISOString();
    const { branch, stage: brought } = pull.draft;
    const add = (what: Fact['what'], each: Stage) =>
      this.facts.push({ name: of, at: hub.now, what, stage: each });
    if (branch.includes('back-to-outside')) add('back', 'joined');
    if (branch.includes('back-to-')) add('back', 'enforced');
    else if (branch.endsWith('upgrade')) return;
    else if (brought === 'joined' || brought === 'enforced') add('merged', brought);
  }

  /** A maintainer says a word of the newest merged pull request that brought a stage. */
  #say(of: Name, what: 'verified' | 'failed'): void {
    const { hub } = this.world;
    const merged = hub.pulls.findLast(
      ({ draft, state }) =>
        draft.target === `${of}@lab` && state === 'merged' && !/back-to|upgrade/.test(draft.branch),
    );
    if (merged === undefined) return;
    const at = new Date(hub.now).toISOString();
    merged.remarks.push({
      kind: 'comment',
      by: 'alice',
      isMaintainer: true,
      at,
      text: `/meshwright ${what}`,
    });
    this.facts.push({ name: of, at: hub.now, what, stage: merged.draft.stage as Stage });
  }

  #addNamespace(): void {
    const kept = this.world.text('fleet.yaml') ?? '';
    if (kept.includes('name: late')) return;
    const entry = `  - {name: late, repository: acme/late, path: deploy, stage: enforced, services: [{name: web, ports: [8080]}]}\n`;
    this.world.disk.set('/home/me/fleet.yaml', kept + entry);
    this.world.hub.repositories['acme/late'] = app;
  }

  async #waveOpen(parallel: number): Promise<readonly string[]> {
    const { hub } = this.world;
    const before = hub.pulls.length;
    const { json } = await this.world.run('wave open', [], { parallel: String(parallel) });
    const { results = [] } = json as { readonly results?: readonly TargetResult[] };
    expect(hub.pulls.length - before).toBe(results.filter(({ outcome }) => outcome === 'opened').length);
    return hub.pulls.slice(before).flatMap(({ draft }) => {
      const of = draft.target.replace('@lab', '') as Name;
      const phase = phases.find((each) => each.stage === draft.stage && each.who.includes(of));
      const earlier = phase === undefined ? phases : phases.slice(0, phases.indexOf(phase));
      const early = earlier.flatMap(({ stage: wanted, who, soakHours }) =>
        who
          .filter((each) => !isThrough(this.facts, each, wanted, soakHours, hub.now))
          .map((each) => `${draft.target} ${draft.stage} before ${each} was through ${wanted}`),
      );
      const underWay =
        phase?.who.filter((each) => this.#isUnderWay(each, phase.stage, phase.soakHours)) ?? [];
      if (underWay.length <= parallel) return early;
      return [...early, `${draft.target} ${draft.stage} with ${underWay.join(', ')} under way`];
    });
  }

  /** Open, or merged and not through. */
  #isUnderWay(of: Name, wanted: Stage, soakHours: number): boolean {
    const { hub } = this.world;
    const own = this.facts.filter((fact) => fact.name === of && fact.stage === wanted);
    const last = (what: Fact['what']) => own.findLastIndex((fact) => fact.what === what);
    const isOpen = hub.pulls.some(
      ({ draft, state }) =>
        draft.target === `${of}@lab` && state === 'open' && draft.branch.endsWith(`-lab-${wanted}`),
    );
    const isMerged = last('merged') > last('back');
    return (isOpen || isMerged) && !isThrough(this.facts, of, wanted, soakHours, hub.now);
  }
}

/** The fleet with a namespace declared at a stage, so that `open` and `upgrade` go there. */
function declaring(text: string, of: Name, wanted: Stage): string {
  const entries = text.split(/^(?= {2}- )/m).map((entry) => {
    if (!entry.startsWith(`  - name: ${of}\n`)) return entry;
    return `${entry.replace(/ {4}stage:.*\n(?: {6}.*\n)*/, '').trimEnd()}\n    stage: {lab: ${wanted}}\n`;
  });
  return entries.join('');
}

it('opens no gate by any sequence of commands, merges, comments, forged locks and days', async () => {
  const isNightly = process.env.NIGHTLY === '1';
  const seed =
    process.env.SEED === undefined ? Math.floor(Math.random() * 2 ** 31) : Number(process.env.SEED);
  console.log(`gates-hold: SEED=${String(seed)}`);
  let opened = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 4, maxLength: 24 }), async (steps) => {
      const story = new Story();
      for (const [index, each] of steps.entries())
        expect(await story.take(each), `after ${JSON.stringify(steps.slice(0, index + 1))}`).toEqual([]);
      opened += story.world.hub.pulls.length;
    }),
    { seed, numRuns: isNightly ? 1000 : 30 },
  );
  // It tells something only where things happen.
  expect(opened).toBeGreaterThan(0);
}, 3_600_000);
