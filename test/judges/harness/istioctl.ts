import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stringify } from 'yaml';
import { versions, type Resource } from './api-server.ts';

export const istioctlBinary = fileURLToPath(
  new URL(`../../../.cache/judges/istioctl-${versions.istioctl}/istioctl`, import.meta.url),
);
const allowed = readFileSync(new URL('../allowed.txt', import.meta.url), 'utf8')
  .split('\n')
  .filter((line) => line !== '' && !line.startsWith('#'))
  .map((line) => line.split(' # ')[0] ?? line);

/** What istioctl says against resources, lines of the allow-list left out; empty when it is content. */
export function istioctlSays(
  command: 'validate' | 'analyze',
  resources: readonly Resource[],
): readonly string[] {
  const folder = mkdtempSync(join(tmpdir(), 'meshwright-istioctl-'));
  try {
    const file = join(folder, 'all.yaml');
    writeFileSync(file, resources.map((resource) => stringify(resource)).join('---\n'));
    const args =
      command === 'validate'
        ? ['validate', '-f', file]
        : ['analyze', '--use-kube=false', '--all-namespaces', file];
    const { status, stdout, stderr, error } = spawnSync(istioctlBinary, args, { encoding: 'utf8' });
    if (error !== undefined) throw error;
    const lines = `${stdout}\n${stderr}`.split('\n').map((line) => line.trim());
    const said = lines.filter(
      (line) =>
        line !== '' &&
        !line.endsWith('is valid') &&
        !line.startsWith('✔') &&
        !allowed.some((pattern) => line.includes(pattern)),
    );
    return status === 0 || said.length > 0 ? said : [`istioctl ${command} ended with ${String(status)}`];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
