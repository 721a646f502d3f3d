// Builds the judges from Go modules into .cache/judges, each once a version. Needs Go; etcd comes from the system.
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
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

installed('istioctl', versions.istioctl, 'istio.io/istio/istioctl/cmd/istioctl');
installed('kustomize', versions.kustomize, 'sigs.k8s.io/kustomize/kustomize/v5');
installed('kubeconform', versions.kubeconform, 'github.com/yannh/kubeconform/cmd/kubeconform');
once('kube-apiserver', versions.kubernetes, (folder) =>
  go(['build', '-o', join(folder, 'kube-apiserver'), '.'], { cwd: join(here, 'apiserver') }),
);
once('three-way', versions.kubernetes, (folder) =>
  go(['build', '-o', join(folder, 'three-way'), '.'], { cwd: join(here, 'three-way') }),
);
/** Copies a part of a Go module's files. */
function copied(name, module, version, part) {
  once(name, version, (folder) => {
    const answer = execFileSync('go', ['mod', 'download', '-json', `${module}@${version}`], {
      cwd: folder,
      encoding: 'utf8',
    });
    cpSync(join(JSON.parse(answer).Dir, part), join(folder, 'types'), { recursive: true });
  });
}

for (const version of Object.values(versions.istioApi))
  copied('istio-types', 'istio.io/api', version, 'kubernetes');
for (const { module, version, folder } of versions.types)
  copied(module.split('/').at(-1), module, version, folder);
try {
  execFileSync('etcd', ['--version'], { stdio: 'ignore' });
} catch {
  console.error('etcd is missing: install the package etcd-server');
  process.exit(1);
}
