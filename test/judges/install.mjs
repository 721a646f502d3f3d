// Builds the judges from Go modules into .cache/judges, each once a version. Needs Go; etcd comes from the system.
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = fileURLToPath(new URL('.', import.meta.url));
const cache = fileURLToPath(new URL('../../.cache/judges/', import.meta.url));
const versions = JSON.parse(readFileSync(join(here, 'versions.json'), 'utf8'));
mkdirSync(cache, { recursive: true });

function go(args, options = {}) {
  execFileSync('go', args, { stdio: ['ignore', 'inherit', 'inherit'], ...options });
}

/** Makes `name-version` in the cache, unless it is there; a build cut short leaves nothing behind. */
function once(name, version, build) {
  const target = join(cache, `${name}-${version}`);
  if (existsSync(target)) return;
  const draft = `${target}.draft`;
  rmSync(draft, { recursive: true, force: true });
  mkdirSync(draft, { recursive: true });
  const start = Date.now();
  build(draft);
  renameSync(draft, target);
  console.log(`${name} ${version}: ${Math.round((Date.now() - start) / 1000)} s`);
}

function installed(name, version, path) {
  once(name, version, (folder) =>
    go(['install', `${path}@${version}`], { env: { ...process.env, GOBIN: folder } }),
  );
}

/** Builds a program that stands beside this file. */
function built(name, version, source) {
  once(name, version, (folder) => go(['build', '-o', join(folder, name), '.'], { cwd: join(here, source) }));
}

/** Copies parts of a Go module's files, each under the name given. */
function copied(name, module, version, parts) {
  once(name, version, (folder) => {
    const answer = execFileSync('go', ['mod', 'download', '-json', `${module}@${version}`], {
      cwd: folder,
      encoding: 'utf8',
    });
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

installed('istioctl', versions.istioctl, 'istio.io/istio/istioctl/cmd/istioctl');
installed('pilot-discovery', versions.istioctl, 'istio.io/istio/pilot/cmd/pilot-discovery');
installed('kustomize', versions.kustomize, 'sigs.k8s.io/kustomize/kustomize/v5');
installed('kubeconform', versions.kubeconform, 'github.com/yannh/kubeconform/cmd/kubeconform');
installed('actionlint', versions.actionlint, 'github.com/rhysd/actionlint/cmd/actionlint');
installed('helm', versions.helm, 'helm.sh/helm/v3/cmd/helm');
built('kube-apiserver', versions.kubernetes, 'apiserver');
built('three-way', versions.kubernetes, 'three-way');
built('envsubst', versions.fluxKustomize, 'envsubst');
for (const version of Object.values(versions.istioApi))
  copied('istio-types', 'istio.io/api', version, { types: 'kubernetes' });
for (const { module, version, folder } of versions.types)
  copied(module.split('/').at(-1), module, version, { types: folder });
copied('istio-charts', 'istio.io/istio', versions.istioctl, {
  base: 'manifests/charts/base',
  istiod: 'manifests/charts/istio-control/istio-discovery',
  gateway: 'manifests/charts/gateway',
});
copied('istio-analyzers', 'istio.io/istio', versions.istioctl, {
  'messages.yaml': 'pkg/config/analysis/msg/messages.yaml',
  'analyzers_test.go': 'pkg/config/analysis/analyzers/analyzers_test.go',
  testdata: 'pkg/config/analysis/analyzers/testdata',
});
copied('sarif', 'github.com/owenrumney/go-sarif/v3', versions.goSarif, {
  'schema.go': 'pkg/report/v210/sarif/schema.go',
});
try {
  execFileSync('etcd', ['--version'], { stdio: 'ignore' });
} catch {
  console.error('etcd is missing: install the package etcd-server');
  process.exit(1);
}
