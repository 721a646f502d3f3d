import { layers } from './layers.ts';

/** What each layer is for, from the top. */
const purposes: Readonly<Record<keyof typeof layers, string>> = {
  cli: 'the command line: parses arguments, wires the adapters, prints, exits.',
  commands: 'one file a command: flags as data, a flow, a result.',
  adapters:
    'every effect: files, git, forges, terminal, clock. Behind the interfaces of `src/model/ports.ts`.',
  flows: 'one file a use case: the order of steps that read, plan, check and write.',
  report: 'results as text, JSON, Markdown, SARIF; the only place for colours and columns.',
  waves: 'order, gates and progress of moves.',
  bundle:
    'what the files of one target must become: generators and templates against the repository as it is; the lock; the pull request.',
  generators: 'one file a file of a bundle: a typed view and a template, or an edit.',
  merge: 'three versions of a manifest become one, field by field.',
  traffic:
    'calls: who is called, along which way, with which verdict in which state; importers of observed calls.',
  lint: 'rules over built objects, and the engine that runs them.',
  mesh: "Istio's semantics over built objects: injection, mTLS, policies, routes, visibility.",
  flux: 'what Flux builds from repositories, cluster by cluster.',
  kustomize: 'a kustomization as it is built, each object with its source.',
  fleet: 'fleet.yaml: its text becomes a fleet, or every problem with its line.',
  aws: 'subnets and the tags a load balancer needs.',
  k8s: 'facts of Kubernetes with one home: pod templates, selectors, substitution.',
  yaml: 'YAML read with positions and edited by source range.',
  model: 'the words of the domain as types, and contracts: problems, ports, generators, snapshots.',
};

const start =
  '<!-- layers: from test/architecture/layers.ts; renew with npx vitest run --project architecture test/architecture/picture.test.ts -u -->';
const end = '<!-- end of layers -->';

/** A page with the picture and the list of layers between its markers as the layers are now. */
export function withPicture(page: string): string {
  const [before, rest] = page.split(start);
  const [, after] = rest?.split(end) ?? [];
  if (before === undefined || after === undefined) throw new Error(`the page lacks ${start} or ${end}`);
  return `${before}${start}\n\n${picture()}\n\n${list()}\n\n${end}${after}`;
}

function picture(): string {
  const arrows = Object.keys(purposes).flatMap((layer) =>
    nearest(layer).map((other) => `  ${layer} --> ${other}`),
  );
  return [
    '```mermaid',
    'flowchart TD',
    ...arrows,
    '  classDef effects stroke-width:3px',
    '  class cli,adapters effects',
    '```',
  ].join('\n');
}

function list(): string {
  return Object.entries(purposes)
    .map(([layer, purpose]) => {
      const others = layers[layer] ?? [];
      return `- **${layer}**: ${purpose} ${others.length === 0 ? 'Imports nothing.' : `Imports ${others.join(', ')}.`}`;
    })
    .join('\n');
}

/** What a layer may import and cannot reach through another that it may import. */
function nearest(layer: string): readonly string[] {
  const allowed = layers[layer] ?? [];
  return allowed.filter((each) => !allowed.some((other) => other !== each && reaches(other, each)));
}

function reaches(from: string, to: string): boolean {
  return (layers[from] ?? []).some((each) => each === to || reaches(each, to));
}
