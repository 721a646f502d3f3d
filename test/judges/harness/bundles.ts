import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { meshwright } from '../../e2e/harness/cli.ts';
import { kustomizeBuild } from '../../e2e/harness/kustomize.ts';
import type { Resource } from './api-server.ts';

const examples = fileURLToPath(new URL('../../../examples/', import.meta.url));

export const stages = ['joined', 'enforced'] as const;
export const targets = [
  ['bookinfo@lab', 'acme/bookinfo', 'deploy/overlays/lab', 'bookinfo'],
  ['online-boutique@lab', 'acme/apps', 'online-boutique/overlays/lab', 'online-boutique'],
  ['payments@lab', 'acme/payments', 'deploy', 'payments'],
] as const;

/** Gateways that the examples are bound to and that other repositories hold. */
export const gatewaysElsewhere: readonly Resource[] = [
  'istio-system/istio-shared-gateway',
  'edge/bookinfo-gateway',
].map((id) => {
  const [namespace = '', name = ''] = id.split('/');
  const port = { number: 8080, name: 'http', protocol: 'HTTP' };
  return {
    apiVersion: 'networking.istio.io/v1',
    kind: 'Gateway',
    metadata: { name, namespace },
    spec: { selector: { gateway: name }, servers: [{ port, hosts: ['*'] }] },
  };
});

const known = new Map<string, readonly Resource[]>();

/** What kustomize builds of an example after `apply` at a stage; built once for all tests of a file. */
export function builtAt(stage: (typeof stages)[number], target: string): readonly Resource[] {
  const found = known.get(`${stage} ${target}`) ?? build(stage, target);
  known.set(`${stage} ${target}`, found);
  return found;
}

function build(stage: (typeof stages)[number], target: string): readonly Resource[] {
  const example = targets.find(([id]) => id === target);
  if (example === undefined) throw new Error(`there is no example ${target}`);
  const [, repository, directory] = example;
  const folder = mkdtempSync(join(tmpdir(), 'meshwright-judged-'));
  try {
    cpSync(examples, folder, { recursive: true });
    const fleet = join(folder, 'fleet.yaml');
    const checkout = join(folder, 'repositories', repository);
    // What runs has to join first: policies in force would refuse pods without a sidecar.
    for (const each of stages.slice(0, stages.indexOf(stage) + 1)) {
      writeFileSync(fleet, readFileSync(fleet, 'utf8').replaceAll('joined', each));
      const { code, stderr } = meshwright(['apply', target, '--dir', checkout], { cwd: folder });
      if (code !== 0) throw new Error(stderr);
    }
    return [...kustomizeBuild(join(checkout, directory)).values()];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
