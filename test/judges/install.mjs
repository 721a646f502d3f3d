// Builds the judges from Go modules, each once for its version and source, and links them into .cache/judges. They stay
// in the user's cache, so that a fresh clone finds them. Needs Go; etcd comes from the system.
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmodSync, cpSync, mkdirSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { digestOf, linkTo, storeFor } from './store.mjs';

const run = promisify(execFile);
const here = fileURLToPath(new URL('.', import.meta.url));
const cache = fileURLToPath(new URL('../../.cache/judges/', import.meta.url));
const versions = JSON.parse(readFileSync(join(here, 'versions.json'), 'utf8'));

async function output(file, args, options = {}) {
  const { stdout } = await run(file, args, { encoding: 'utf8', maxBuffer: 1 << 26, ...options });
  return stdout.trim();
}

/** How to have `name-version` in `.cache/judges`.
 *  @param made  of what it is made, beside its version
 *  @param build  fills an empty folder */
const item = (name, version, made, build) => ({ name, version, made, build });

const flags = ['-ldflags=-s -w', '-buildvcs=false'];

function installed(name, version, path) {
  return item(name, version, [path, ...flags], (folder) =>
    output('go', ['install', ...flags, `${path}@${version}`], { env: { ...process.env, GOBIN: folder } }),
  );
}

/** A program that stands beside this file. */
function built(name, version, source) {
  const folder = join(here, source);
  const made = readdirSync(folder)
    .sort()
    .flatMap((file) => [file, readFileSync(join(folder, file), 'utf8')]);
  return item(name, version, [...made, ...flags], (into) =>
    output('go', ['build', ...flags, '-o', join(into, name), '.'], { cwd: folder }),
  );
}

/** Parts of a Go module's files, each under the name given. */
function copied(name, module, version, parts) {
  return item(name, version, [module, JSON.stringify(parts)], async (folder) => {
    const answer = await output('go', ['mod', 'download', '-json', `${module}@${version}`], { cwd: folder });
    for (const [as, part] of Object.entries(parts))
      cpSync(join(JSON.parse(answer).Dir, part), join(folder, as), { recursive: true });
    makeWritable(folder);
  });
}

/** Go keeps its modules read-only; a copy that nobody may delete is in the way. */
function makeWritable(folder) {
  chmodSync(folder, 0o755);
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) makeWritable(path);
    else chmodSync(path, 0o644);
  }
}

// One after the other: what shares packages, which two at once would both compile.
const ofIstio = [
  built('istioctl', versions.istioctl, 'istioctl'),
  installed('pilot-discovery', versions.istioctl, 'istio.io/istio/pilot/cmd/pilot-discovery'),
];
const others = [
  built('kube-apiserver', versions.kubernetes, 'apiserver'),
  built('kubectl', versions.kubernetes, 'kubectl'),
  built('three-way', versions.kubernetes, 'three-way'),
  built('envsubst', versions.fluxKustomize, 'envsubst'),
  built('charts', versions.helmController, 'charts'),
  installed('helm', versions.helm, 'helm.sh/helm/v3/cmd/helm'),
  installed('kustomize', versions.kustomize, 'sigs.k8s.io/kustomize/kustomize/v5'),
  installed('kubeconform', versions.kubeconform, 'github.com/yannh/kubeconform/cmd/kubeconform'),
  installed('actionlint', versions.actionlint, 'github.com/rhysd/actionlint/cmd/actionlint'),
  ...Object.values(versions.istioApi).map((version) =>
    copied('istio-types', 'istio.io/api', version, { types: 'kubernetes' }),
  ),
  ...versions.types.map(({ module, version, folder }) =>
    copied(module.split('/').at(-1), module, version, { types: folder }),
  ),
  copied('istio-charts', 'istio.io/istio', versions.istioctl, {
    base: 'manifests/charts/base',
    istiod: 'manifests/charts/istio-control/istio-discovery',
    gateway: 'manifests/charts/gateway',
  }),
  copied('istio-analyzers', 'istio.io/istio', versions.istioctl, {
    'messages.yaml': 'pkg/config/analysis/msg/messages.yaml',
    'analyzers_test.go': 'pkg/config/analysis/analyzers/analyzers_test.go',
    testdata: 'pkg/config/analysis/analyzers/testdata',
  }),
  copied('sarif', 'github.com/owenrumney/go-sarif/v3', versions.goSarif, {
    'schema.go': 'pkg/report/v210/sarif/schema.go',
  }),
];

try {
  await run('etcd', ['--version']);
} catch {
  console.error('etcd is missing: install the package etcd-server');
  process.exit(1);
}
const store = storeFor(process.env, cache);
const toolchain = await output('go', ['env', 'GOVERSION', 'GOOS', 'GOARCH']);
mkdirSync(cache, { recursive: true });
let count = 0;

async function make({ name, version, made, build }) {
  const key = `${name}-${version}-${digestOf([toolchain, version, ...made])}`;
  const link = join(cache, `${name}-${version}`);
  if (linkTo(store, key, link)) return;
  const start = Date.now();
  const draft = join(store.folder, `draft-${randomBytes(6).toString('hex')}`);
  mkdirSync(draft, { mode: 0o700 });
  try {
    await build(draft);
    store.keep(draft, key);
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
  linkTo(store, key, link);
  count++;
  console.log(`${name} ${version}: ${Math.round((Date.now() - start) / 1000)} s`);
}

// While one links, the other compiles.
await Promise.all(
  [ofIstio, others].map(async (items) => {
    for (const item of items) await make(item);
  }),
);
console.log(`${ofIstio.length + others.length} judges in ${store.folder}, ${count} of them built now`);
