import { dirname, join } from 'node:path';
import type { NamespaceEntry } from '../fleet/schema.ts';
import type { LocalCheckout, ScannedNamespace } from '../flows/scan-clusters.ts';
import type { Terminal } from '../model/ports.ts';
import { success, type Outcome, type Problem } from '../model/problem.ts';
import type { Manifest } from '../model/manifest.ts';
import type { InstalledMesh } from '../mesh/installed-mesh.ts';
import { describePlaces } from '../report/scan.ts';
import {
  command,
  isSet,
  refusal,
  textOption,
  usage,
  type Input,
  type Services,
  type Result,
} from './command.ts';
import type { Outputs } from './outputs.ts';

export default command({
  id: 'init',
  summary: 'write a commented fleet.yaml from flags, questions or existing manifests',
  options: [
    {
      flags: '--scan <dir...>',
      help: 'take namespaces, services and calls from the manifests of these checkouts',
    },
    {
      flags: '--environments <names>',
      help: 'environments in promotion order, separated by commas (default: lab)',
    },
    { flags: '--istio-version <version>', help: 'exact version of the Istio charts' },
    { flags: '--revision <name>', help: 'value of the label istio.io/rev' },
    { flags: '--gateway-service-account <name>', help: "service account of the shared gateway's pods" },
    { flags: '--force', help: 'overwrite an existing fleet file' },
  ],
  examples: ['meshwright init', 'meshwright init --scan ../shop ../payments --environments lab,dev,prod'],
  run: init,
});

async function init(input: Input, services: Services): Promise<Result<Outputs['init']>> {
  const file = textOption(input, 'fleet') ?? join(services.workingDirectory, 'fleet.yaml');
  const present = await services.files.readText(file);
  if (present.ok && !isSet(input, 'force'))
    return usage([
      {
        rule: 'init-exists',
        severity: 'error',
        message: `${file} exists.`,
        fix: 'Use --force to overwrite it.',
        file,
      },
    ]);
  const { starterFleet } = await import('../fleet/starter.ts');
  const answers = await ask(input, services.terminal);
  let environments = answers.environments.map((name) => environmentOf(name, [`${name}-1`]));
  let places: readonly ScannedNamespace[] = [];
  let namespaces: readonly NamespaceEntry[] = [];
  const problems: Problem[] = [];
  const { loadFleet } = await import('../fleet/load.ts');
  let mesh: Partial<InstalledMesh> = {};
  const textOf = (entries: readonly NamespaceEntry[]) =>
    starterFleet({ ...answers, ...mesh, environments, namespaces: entries });
  const scan = input.options.scan;
  if (Array.isArray(scan)) {
    const found = await scanned(scan as readonly string[], input, answers.environments, services);
    if (!found.ok) return usage(found.problems);
    places = found.value.places;
    environments = found.value.environments;
    // What a person has said counts; what no fleet can say is left to them.
    mesh = Object.fromEntries(
      Object.entries(found.value.mesh).filter(
        ([key, value]) =>
          value !== undefined &&
          textOption(input, key) === undefined &&
          answers[key as keyof typeof newMesh] === newMesh[key as keyof typeof newMesh] &&
          loadFleet(starterFleet({ [key]: value }), file).ok,
      ),
    );
    const { loadable } = await import('../fleet/loadable.ts');
    const loads = loadable(
      found.value.namespaces,
      environments.map(({ name }) => name),
      textOf,
    );
    namespaces = await chosen(loads.entries, places, services.terminal);
    problems.push(...found.problems, ...loads.problems);
  }
  const text = textOf(namespaces);
  const loaded = loadFleet(text, file);
  // What is still not valid is written for a person to correct, and said.
  if (!loaded.ok)
    problems.push(...loaded.problems.map((problem) => ({ ...problem, severity: 'warning' as const })));
  const { fleetJsonSchema } = await import('../fleet/json-schema.ts');
  const schema = `${JSON.stringify(fleetJsonSchema(), undefined, 2)}\n`;
  const described = await services.files.writeText(join(dirname(file), 'fleet.schema.json'), schema);
  const before = present.ok ? present.value : undefined;
  const written = described.ok ? await services.files.writeText(file, text, { before }) : described;
  if (!written.ok) return refusal(written.problems);
  return {
    code: 0,
    text: `${places.length > 0 ? `${describePlaces(places)}\n` : ''}Wrote ${file} and its schema${namespaces.length > 0 ? ` with ${String(namespaces.length)} namespace${namespaces.length === 1 ? '' : 's'}` : ''}. Read it through: the comments say what to look up.\n`,
    json: {
      file,
      namespaces: namespaces.map(({ name }) => name),
      ...(places.length > 0 && { places: [...places] }),
    },
    problems,
  };
}

/** The namespaces that a person at a terminal wants in the file, of those that were found; all of them otherwise. */
async function chosen(
  found: readonly NamespaceEntry[],
  places: readonly ScannedNamespace[],
  terminal: Terminal,
): Promise<readonly NamespaceEntry[]> {
  if (!terminal.interactive || found.length < 2) return found;
  if (places.length > 0) terminal.show(`${describePlaces(places)}\n`);
  return terminal.checkbox({
    message: 'Namespaces for the fleet file',
    choices: found.map((entry) => ({ name: entry.name, value: entry, checked: true })),
  });
}

function environmentOf(name: string, clusters: readonly string[]) {
  return { name, domain: `${name}.example.com`, ...(clusters.length > 0 && { clusters: [...clusters] }) };
}

interface Scanned {
  readonly namespaces: readonly NamespaceEntry[];
  readonly places: readonly ScannedNamespace[];
  readonly environments: ReturnType<typeof environmentOf>[];
  readonly mesh: Partial<InstalledMesh>;
}

/** What the checkouts show: clusters as Flux builds them where one of them has an entry, else directories by themselves. */
async function scanned(
  folders: readonly string[],
  input: Input,
  environments: readonly string[],
  services: Services,
): Promise<Outcome<Scanned>> {
  const { argoProblem, localCheckouts, scanClusters } = await import('../flows/init.ts');
  const origin = (folder: string) => services.originOf(folder);
  const checkouts = await localCheckouts(folders, services.files, origin);
  if (!checkouts.ok) return checkouts;
  const isSaid =
    textOption(input, 'environments') !== undefined || environments.join() !== proposedEnvironment;
  const named = isSaid ? environments : [];
  const charts = await services.charts();
  if (!charts.ok) return charts;
  const found = await scanClusters(checkouts.value, named, charts.value);
  if (!found.ok) return found;
  const { clusters, namespaces, places } = found.value;
  if (clusters.length === 0) return scannedDirectories(folders, named, checkouts.value, { input, services });
  const names = [...new Set([...named, ...clusters.map(({ environment }) => environment)])];
  const inOrder = names.map((name) =>
    environmentOf(
      name,
      clusters.filter(({ environment }) => environment === name).map((each) => each.name),
    ),
  );
  const manifests = clusters.flatMap(({ built }) =>
    built.builds.flatMap(({ objects }) => objects.map(({ manifest }) => manifest)),
  );
  const { ambientSign, installedMesh } = await import('../mesh/installed-mesh.ts');
  const mesh = installedMesh(manifests);
  const { argoSources } = await import('../k8s/argo-application.ts');
  const argo = manifests.flatMap(({ built }) => argoSources(built));
  const problems = [
    ...found.problems,
    ...argoProblem(argo),
    ...ambient(ambientSign(manifests)),
    ...newMeshProblem(mesh, input),
  ];
  return success({ namespaces, places, environments: inOrder, mesh }, problems);
}

function ambient(sign: Manifest | undefined): readonly Problem[] {
  if (sign === undefined) return [];
  return [
    {
      rule: 'scan-ambient',
      severity: 'warning',
      message: `The mesh runs in ambient mode: ${sign.kind} "${sign.builtName}". Meshwright gives namespaces sidecars, and nothing it writes uses ztunnel or waypoints; namespaces with the label istio.io/dataplane-mode: ambient are refused.`,
      fix: 'Use it only for namespaces that are to have sidecars in this mesh.',
      see: 'https://istio.io/latest/docs/ambient/usage/add-workloads/',
      ...sign.locationOf(['metadata', 'name']),
    },
  ];
}

/** What a fleet file says of the mesh where Git shows none. */
function newMeshProblem(
  { revision, istioVersion }: Partial<InstalledMesh>,
  input: Input,
): readonly Problem[] {
  const open = [
    ...(revision === undefined && textOption(input, 'revision') === undefined
      ? [`mesh.revision (${newMesh.revision})`]
      : []),
    ...(istioVersion === undefined && textOption(input, 'istioVersion') === undefined
      ? [`mesh.istioVersion (${newMesh.istioVersion})`]
      : []),
  ];
  if (open.length === 0) return [];
  return [
    {
      rule: 'scan-mesh-unknown',
      severity: 'warning',
      message: `No manifest says what is installed: ${open.join(' and ')} in fleet.yaml ${open.length === 1 ? 'is a proposal' : 'are proposals'} for a mesh that is still to come. A label for a revision that no control plane has takes sidecars away.`,
      fix: 'Where Istio is installed already, look both up, or say them with --revision and --istio-version.',
    },
  ];
}

/** What directories show by themselves. */
async function scannedDirectories(
  folders: readonly string[],
  named: readonly string[],
  checkouts: readonly LocalCheckout[],
  { input, services }: { readonly input: Input; readonly services: Services },
): Promise<Outcome<Scanned>> {
  const flow = await import('../flows/init.ts');
  const written = await flow.writtenObjects(checkouts);
  if (!written.ok) return written;
  const ofFolders = flow.environmentsOfFolders(
    checkouts.flatMap(({ tree }) => [...tree.snapshot.paths].map((path) => dirname(path))),
  );
  const origin = (folder: string) => services.originOf(folder);
  const scan = (names: readonly string[]) =>
    flow.scanNamespaces(folders, names, services.files, origin, written.value.namespaces);
  let names = named.length > 0 ? named : ofFolders;
  let found = await scan(names);
  if (!found.ok) return found;
  // Folders of some other kind have such names too.
  const isOfFolders = found.value.some(({ path }) => path?.includes('{environment}') === true);
  if (named.length === 0 && !isOfFolders) {
    names = [proposedEnvironment];
    found = await scan(names);
    if (!found.ok) return found;
  }
  const { ambientSign, installedMesh } = await import('../mesh/installed-mesh.ts');
  const mesh = installedMesh(written.value.manifests);
  const problems = [
    flow.notFollowed(written.value),
    ...flow.argoProblem(written.value.argo),
    ...(named.length > 0 ? [] : [flow.assumedEnvironments(names, isOfFolders)]),
    ...found.problems,
    ...ambient(ambientSign(written.value.manifests)),
    ...newMeshProblem(mesh, input),
  ];
  // The clusters are not known, and are not made up.
  const environments = names.map((name) => environmentOf(name, []));
  return success({ namespaces: found.value, places: [], environments, mesh }, problems);
}

/** What is proposed where there is no mesh yet. */
const proposedEnvironment = 'lab';
const newMesh = { istioVersion: '1.30.3', revision: 'stable' } as const;

async function ask(
  input: Input,
  terminal: {
    readonly interactive: boolean;
    input(question: { message: string; default?: string }): Promise<string>;
  },
) {
  const question = async (option: string, message: string, initial: string): Promise<string> =>
    textOption(input, option) ??
    (terminal.interactive ? await terminal.input({ message, default: initial }) : initial);
  return {
    istioVersion: await question('istioVersion', 'Exact version of the Istio charts', newMesh.istioVersion),
    revision: await question(
      'revision',
      'Revision tag of the control plane (label istio.io/rev)',
      newMesh.revision,
    ),
    gatewayServiceAccount: await question(
      'gatewayServiceAccount',
      "Service account of the shared gateway's pods",
      'istio-ingressgateway',
    ),
    environments: (
      await question(
        'environments',
        'Environments in promotion order, separated by commas',
        proposedEnvironment,
      )
    )
      .split(',')
      .map((name) => name.trim())
      .filter((name) => name !== ''),
  };
}
