import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { rules } from '../../src/lint/all-rules.ts';
import { describeRule } from '../../src/report/rule-page.ts';
import { fixtures } from './fixture.ts';

const pages = fileURLToPath(new URL('../../docs/rules/', import.meta.url));

/** The headings of the list, by the folders of the rules. */
const headings: Readonly<Record<string, string>> = {
  annotation: 'Annotations',
  'any-kind': 'Any kind',
  authentication: 'PeerAuthentication and RequestAuthentication',
  'authorization-policy': 'AuthorizationPolicy',
  'destination-rule': 'DestinationRule',
  'envoy-filter': 'EnvoyFilter',
  fleet: 'Fleet file',
  gateway: 'Gateway',
  istio: 'Istio installation',
  namespace: 'Namespace and injection',
  'network-policy': 'NetworkPolicy',
  'outside-caller': 'Callers outside the mesh',
  service: 'Service',
  'service-entry': 'ServiceEntry',
  sidecar: 'Sidecar',
  telemetry: 'Telemetry',
  'virtual-service': 'VirtualService',
  visibility: 'Visibility',
  workload: 'Workload',
};

it('the list of rules names them all, by what they are about', async () => {
  const folders = fileURLToPath(new URL('../../src/lint/rules/', import.meta.url));
  const kinds = readdirSync(folders).filter((name) => name !== 'index.ts');
  expect(Object.keys(headings).sort()).toEqual(kinds.sort());
  const sections = Object.entries(headings).map(([kind, heading]) => {
    const own = new Set(readdirSync(join(folders, kind)));
    const rows = rules
      .filter(({ id }) => own.has(`${id}.ts`))
      .map(
        ({ id, severity, summary, equivalent }) =>
          `| [${id}](${id}.md) | ${severity} | ${summary.replaceAll('|', '\\|')} | ${equivalent.join(', ')} |`,
      );
    const table = ['| rule | severity | finds | equivalent |', '| --- | --- | --- | --- |', ...rows];
    return `## ${heading}\n\n${table.join('\n')}`;
  });
  const intro = `${String(rules.length)} rules, each with a bad and a good example that are also its tests. Equivalent: the codes of \`istioctl analyze\` (IST) and Kiali (KIA).`;

  await expect(`# Rules\n\n${[intro, ...sections].join('\n\n')}\n`).toMatchFileSnapshot(
    join(pages, 'README.md'),
  );
});

describe.each(rules.map((rule) => [rule.id, rule] as const))('the page of %s', (id, rule) => {
  it('is what the rule and its examples say', async () => {
    await expect(describeRule(rule, example(id, 'bad'), example(id, 'good'))).toMatchFileSnapshot(
      join(pages, `${id}.md`),
    );
  });
});

/** The first example of its kind, without the marks that tests read. */
function example(id: string, kind: 'bad' | 'good'): string {
  const file = join(fixtures, id, `${kind}.yaml`);
  const text = existsSync(file) ? readFileSync(file, 'utf8') : treeText(join(fixtures, id, kind));
  return text.replace(/ *# expect: .*$/gm, '');
}

function treeText(folder: string): string {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
    .map((file) => `# ${file.slice(folder.length + 1)}\n${readFileSync(file, 'utf8').trimEnd()}\n`)
    .join('---\n');
}
