import { describe, expect, it } from 'vitest';
import { World } from './world.ts';
import { MeshWorld } from './mesh-world.ts';

/** The example fleet as it is, and without what its clusters know: repositories, paths and the Namespace manifest. */
function worlds(): { readonly said: MeshWorld; readonly found: MeshWorld } {
  const [said, found] = [new MeshWorld(), new MeshWorld()];
  const [head = '', namespaces = ''] = found.fleet.split(/(?<=^namespaces:\n)/m);
  found.fleet = head + namespaces.replace(/^ {4}(?:repository|path|namespaceManifest): .*\n/gm, '');
  return { said, found };
}

describe('namespaces whose path only the clusters say', () => {
  it('get the same pull requests as those of a fleet that says it', async () => {
    const { said, found } = worlds();
    expect(found.fleet).not.toContain('path: deploy');

    await said.run('open', [], { all: true });
    await found.run('open', [], { all: true });

    const changes = (world: MeshWorld) =>
      world.opened.map(({ target, repository, changes: files }) => ({
        target,
        repository,
        files: files.map(({ path, after }) => ({ path, after })),
      }));
    expect(changes(found).length).toBeGreaterThan(3);
    expect(changes(found)).toEqual(changes(said));
  });

  it('stay as they are when a command writes the fleet file', async () => {
    const { found } = worlds();

    const { code } = await found.run('simulate', ['payments@lab'], {});

    expect(code).not.toBe(2);
  });
});

const fleet = (more = '') => `version: 1
mesh: {istioVersion: 1.30.3, revision: stable, gateway: {serviceAccount: istio-ingressgateway}}
forge: {kind: local, directory: .forge}
environments:
  - name: lab
    domain: lab.example.com
    clusters: [{name: lab-1, repository: acme/fleet, path: clusters/lab-1}]
namespaces:
  - name: shop
    stage: joined
${more}    services: [{name: web, ports: [80]}]
`;
const kustomization = (name: string, more: string) =>
  `apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {name: ${name}, namespace: flux-system}\nspec: {path: ./${name}, targetNamespace: shop, sourceRef: {kind: GitRepository, name: flux-system}${more}}\n`;
const service =
  'apiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec: {selector: {app: web}, ports: [{port: 80}]}\n';
const here = (names: readonly string[], more = '') => ({
  'acme/fleet': {
    'clusters/lab-1/apps.yaml': names.map((name) => kustomization(name, more)).join('---\n'),
    ...Object.fromEntries(
      names.map((name) => [`${name}/web.yaml`, service.replace('name: web', `name: ${name}`)]),
    ),
  },
});

describe('a path that the clusters do not say', () => {
  const told = async (repositories: ConstructorParameters<typeof World>[1], text = fleet()) => {
    const { code, problems } = await new World({ 'fleet.yaml': text }, repositories).run('diff', [
      'shop@lab',
    ]);
    return { code, problems: problems.map(({ rule, message, line }) => ({ rule, message, line })) };
  };

  it('is asked for where several feed the namespace, with all of them', async () => {
    const { code, problems } = await told(here(['one', 'two']));

    expect({ code, rules: problems.map(({ rule }) => rule) }).toEqual({
      code: 2,
      rules: ['fleet-path-unknown'],
    });
    expect(problems[0]).toMatchObject({ line: 9 });
    expect(problems[0]?.message).toContain(
      'lab-1 builds it from one of acme/fleet (1 object), and from two of acme/fleet (1 object)',
    );
  });

  it('is that of the repository or the path which the fleet does say', async () => {
    const { problems } = await told(here(['one', 'two']), fleet('    path: two\n'));

    expect(problems.map(({ rule }) => rule)).not.toContain('fleet-path-unknown');
  });

  it('is unknown where nothing builds it, with what could not be read', async () => {
    const { code, problems } = await told(here(['one'], ', suspend: true'));

    expect(code).toBe(2);
    expect(problems[0]?.message).toContain('nothing that Git shows of lab-1 builds it');
    expect(problems[0]?.message).toContain('flux-system/one, since it is suspended');
  });
});
