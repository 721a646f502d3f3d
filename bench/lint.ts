// Lint of 2,500, 5,000 and 10,000 manifests and of one small repository, each as a process, beside istioctl and kubeconform
// on the same files. Prints rows for docs/PERFORMANCE.md.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from 'vitest';
import { istioctlBinary } from '../test/judges/harness/istioctl.ts';
import { Kubeconform, kubeconformBinary } from '../test/judges/harness/kubeconform.ts';

const cli = fileURLToPath(new URL('../dist/src/cli.js', import.meta.url));
const report = `data:text/javascript,${encodeURIComponent("process.on('exit', () => process.stderr.write('PEAK ' + process.resourceUsage().maxRSS + ' ' + process.resourceUsage().userCPUTime + '\\n'))")}`;

/** Twenty manifests of one namespace that calls the one after it. */
function namespaceFiles(index: number, count: number): readonly string[] {
  const name = `shop-${String(index)}`;
  const next = `shop-${String((index + 1) % count)}`;
  const previous = `shop-${String((index + count - 1) % count)}`;
  const meta = (kind: string, of: string, group: string) =>
    `apiVersion: ${group}\nkind: ${kind}\nmetadata:\n  name: ${of}\n  namespace: ${name}\n`;
  const workload = (of: string, port: number) =>
    `${meta('Deployment', of, 'apps/v1')}spec:\n  replicas: 2\n  selector:\n    matchLabels:\n      app: ${of}\n  template:\n    metadata:\n      labels:\n        app: ${of}\n    spec:\n      serviceAccountName: ${of}\n      containers:\n        - name: app\n          image: registry.example.com/${of}:1.2.3\n          env:\n            - name: NEXT\n              value: http://cart.${next}.svc.cluster.local:7070\n          ports:\n            - name: http\n              containerPort: ${String(port)}\n          readinessProbe:\n            httpGet:\n              path: /ready\n              port: http\n`;
  const service = (of: string, port: number) =>
    `${meta('Service', of, 'v1')}spec:\n  selector:\n    app: ${of}\n  ports:\n    - name: http\n      port: ${String(port)}\n      targetPort: http\n`;
  const policy = (of: string, rules: string) =>
    `${meta('AuthorizationPolicy', of, 'security.istio.io/v1')}spec:${rules}\n`;
  const allow = (of: string, from: string) =>
    policy(
      of,
      `\n  selector:\n    matchLabels:\n      app: ${of}\n  rules:\n    - from:\n        - source:\n            principals:\n              - cluster.local/ns/${from}/sa/frontend\n      to:\n        - operation:\n            ports: ["7070"]`,
    );
  const documents = [
    `apiVersion: v1\nkind: Namespace\nmetadata:\n  name: ${name}\n  labels:\n    istio.io/rev: stable\n`,
    ...['frontend', 'cart', 'orders'].flatMap((of, at) => [
      meta('ServiceAccount', of, 'v1'),
      workload(of, 7070 + at),
      service(of, 7070 + at),
      `${meta('DestinationRule', of, 'networking.istio.io/v1')}spec:\n  host: ${of}.${name}.svc.cluster.local\n  trafficPolicy:\n    tls:\n      mode: ISTIO_MUTUAL\n`,
    ]),
    policy('deny-all', ' {}'),
    allow('cart', name),
    allow('orders', previous),
    policy(
      'frontend',
      '\n  selector:\n    matchLabels:\n      app: frontend\n  rules:\n    - from:\n        - source:\n            principals:\n              - cluster.local/ns/istio-system/sa/istio-ingressgateway',
    ),
    `${meta('VirtualService', 'frontend', 'networking.istio.io/v1')}spec:\n  hosts:\n    - ${name}.example.com\n  gateways:\n    - istio-system/istio-shared-gateway\n  http:\n    - name: default\n      match:\n        - uri:\n            prefix: /\n      route:\n        - destination:\n            host: frontend.${name}.svc.cluster.local\n            port:\n              number: 7070\n`,
    `${meta('Sidecar', 'default', 'networking.istio.io/v1')}spec:\n  egress:\n    - hosts:\n        - istio-system/*\n        - ./*\n        - ${next}/*\n  outboundTrafficPolicy:\n    mode: REGISTRY_ONLY\n`,
    `${meta('PeerAuthentication', 'default', 'security.istio.io/v1')}spec:\n  mtls:\n    mode: STRICT\n`,
  ];
  return documents;
}

interface Run {
  readonly seconds: number;
  readonly stdout: string;
  readonly stderr: string;
}

function run(command: string, args: readonly string[]): Run {
  const start = performance.now();
  const { stdout, stderr, error } = spawnSync(command, args, {
    encoding: 'utf8',
    maxBuffer: 1 << 30,
    timeout: 120_000,
  });
  if (error !== undefined) throw error;
  return { seconds: (performance.now() - start) / 1000, stdout, stderr };
}

const lint = (path: string) =>
  run(process.execPath, ['--import', report, cli, 'lint', path, '--no-fleet', '--json']);

function row(what: string, figure: string, baseline: string, note: string): void {
  process.stdout.write(`| ${what} | ${figure} | ${baseline} | ${note} |\n`);
}

function median(times: number, once: () => number): number {
  const taken = Array.from({ length: times }, once).sort((one, other) => one - other);
  return taken[Math.floor(times / 2)] ?? 0;
}

test('lint', () => {
  const directory = mkdtempSync(join(tmpdir(), 'meshwright-lint-'));
  const kubeconform = new Kubeconform('1.31');
  try {
    for (const count of [2_500, 5_000, 10_000]) {
      const folder = join(directory, String(count));
      writeManifests(folder, count);
      const { seconds, stderr, stdout } = lint(folder);
      const [, kilobytes = '0', microseconds = '0'] = /PEAK (\d+) (\d+)/.exec(stderr) ?? [];
      const { summary } = JSON.parse(stdout) as { readonly summary: Readonly<Record<string, number>> };
      row(
        `lint of ${count.toLocaleString('en')} manifests, whole process`,
        `${seconds.toFixed(1)} s`,
        count === 10_000 ? others(folder, kubeconform.location) : '',
        `${((seconds * 1000) / count).toFixed(2)} ms a manifest, ${(Number(microseconds) / 1e6).toFixed(1)} s of one core; ${(Number(kilobytes) / 1024).toFixed(0)} MiB peak; ${String(summary.errors)} errors, ${String(summary.warnings)} warnings, ${String(summary.infos)} notes`,
      );
    }
    const small = join(directory, '2500/shop-0');
    const taken = median(11, () => lint(small).seconds);
    const bare = median(11, () => run(process.execPath, ['-e', '0']).seconds);
    row(
      'lint of one small repository (20 manifests), whole process',
      `${(taken * 1000).toFixed(0)} ms`,
      `${(bare * 1000).toFixed(0)} ms (\`node -e 0\`)`,
      `${(taken / bare).toFixed(1)} times`,
    );
  } finally {
    kubeconform.remove();
    rmSync(directory, { recursive: true, force: true });
  }
});

function writeManifests(folder: string, count: number): void {
  const namespaces = count / 20;
  for (let index = 0; index < namespaces; index++) {
    const own = join(folder, `shop-${String(index)}`);
    mkdirSync(own, { recursive: true });
    const documents = namespaceFiles(index, namespaces);
    if (documents.length !== 20) throw new Error(`${String(documents.length)} manifests`);
    for (const [at, text] of documents.entries()) writeFileSync(join(own, `${String(at)}.yaml`), text);
  }
}

/** What others need for the same files: istioctl's analyzers, and kubeconform with the schemas of Istio's types. */
function others(folder: string, schemas: string): string {
  const analyzed = run(istioctlBinary, ['analyze', '--use-kube=false', '--all-namespaces', folder]);
  const conformed = run(kubeconformBinary, [
    '-n=2',
    '-ignore-missing-schemas',
    `-schema-location=${schemas}`,
    folder,
  ]);
  return `${analyzed.seconds.toFixed(1)} s (istioctl analyze); ${conformed.seconds.toFixed(1)} s (kubeconform)`;
}
