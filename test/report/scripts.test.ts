import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ObjectChange } from '../../src/model/bundle.ts';
import type { JsonObject } from '../../src/model/json.ts';
import { mergePatchBetween } from '../../src/model/merge-patch.ts';
import { shellCommand, shellComment } from '../../src/model/shell.ts';
import { emergencyScript } from '../../src/report/emergency.ts';
import { copyScript } from '../../src/report/images.ts';
import { paint } from '../../src/report/paint.ts';
import { describeSubnets } from '../../src/report/subnets.ts';
import { commandsOf } from './recording-shell.ts';

const seed = Number(process.env.SCRIPT_SEED ?? Date.now() % 2 ** 31);

/** What people try to get out of a word with. */
const pieces = [
  '$(touch PWNED)',
  '`touch PWNED`',
  '$IFS',
  ';touch PWNED;',
  '&& id',
  '| marker',
  '\n',
  '\r\n',
  '\ntouch PWNED\n',
  "'",
  "'\\''",
  '"',
  '\\',
  '\\\n',
  '--server=https://evil.example',
  '--',
  '-',
  '# ',
  '!!',
  '~',
  '*',
  '{a,b}',
  '>PWNED',
  '<(id)',
  '=id',
  'A=b',
  ' ',
  '\t',
  '\u001b[2J',
  '\u2028',
  '\u202e',
  'é',
  '😀',
  'EOF',
  'web',
  'a.b',
  '.',
  '..',
  '/',
  '%',
  'Web',
];
const hostile = fc
  .array(
    fc.oneof(
      { weight: 4, arbitrary: fc.constantFrom(...pieces) },
      fc.string({ unit: 'grapheme', maxLength: 5 }),
    ),
    {
      minLength: 1,
      maxLength: 4,
    },
  )
  .map((parts) => parts.join('').replaceAll('\0', '0'));
const sample = <T>(arbitrary: fc.Arbitrary<T>, count = 500) => fc.sample(arbitrary, { numRuns: count, seed });

describe(`of 500 hostile words, each reaches its program as it is, and nothing else runs (seed ${String(seed)}):`, () => {
  const words = sample(hostile);

  it.each(['sh', 'bash'])('a command line, in %s', (shell) => {
    const script = words.map((word) => shellCommand('marker', word, '-x', word)).join('\n');

    expect(commandsOf(script, shell)).toEqual(words.map((word) => ['marker', word, '-x', word]));
  });

  it('a comment', () => {
    const script = words.map((word) => `${shellComment(word)}\nmarker\n`).join('');

    expect(commandsOf(script)).toEqual(words.map(() => ['marker']));
  });

  it.each(['crane', 'skopeo'] as const)('the script that copies images with %s', (tool) => {
    const scheme = tool === 'crane' ? '' : 'docker://';
    const options = tool === 'crane' ? [] : ['--all'];
    const ecr = '111122223333.dkr.ecr.eu-west-1.amazonaws.com';
    const copies = words.map((word, index) => ({
      from: word,
      to: index % 50 === 0 ? `${ecr}/istio${String(index)}:${word.replaceAll(/[/:]/g, '')}` : word,
    }));

    const run = commandsOf(copyScript(copies, tool));

    expect(run.filter(([, verb]) => verb === 'copy')).toEqual(
      copies.map(({ from, to }) => [tool, 'copy', ...options, '--', `${scheme}${from}`, `${scheme}${to}`]),
    );
    const others = run.filter(([, verb]) => verb !== 'copy');
    expect(new Set(others.map(([program, ...rest]) => [program, ...rest.slice(0, 2)].join(' ')))).toEqual(
      new Set([
        'aws ecr get-login-password',
        'aws ecr describe-repositories',
        tool === 'crane' ? 'crane auth login' : 'skopeo login --username',
      ]),
    );
  });

  it('the commands that tag subnets', () => {
    const subnets = words.map((word, index) => ({
      id: word,
      zone: 'eu-west-1a',
      region: `eu-west-${String(index)}`,
      leftOut: undefined,
      missing: [{ key: word, value: word }],
    }));
    const text = describeSubnets('', subnets, paint(false, false));
    const script = text.slice(
      text.indexOf('With the AWS CLI:\n') + 'With the AWS CLI:\n'.length,
      text.lastIndexOf('\nor in Terraform'),
    );

    expect(commandsOf(script)).toEqual(
      subnets.map(({ id, region }) => [
        ...[
          'aws',
          'ec2',
          'create-tags',
          '--region',
          region,
          '--resources',
          id,
          '--tags',
          `Key=${id},Value=${id}`,
        ],
      ]),
    );
  });
});

const place = { repository: 'acme/shop', file: 'app.yaml', line: 4, column: 9 };
const named = fc.constantFrom('web', 'a.b', '0', 'x-1');
const isSafe = (text: string) =>
  text.split('.').every((part) => /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/.test(part));

const changes = fc
  .record({
    type: fc.constantFrom(
      ['security.istio.io', 'AuthorizationPolicy'],
      ['networking.istio.io', 'Sidecar'],
      ['apps', 'Deployment'],
      ['', 'Namespace'],
    ),
    name: fc.oneof({ weight: 2, arbitrary: named }, hostile),
    namespace: fc.oneof({ weight: 8, arbitrary: fc.constant('shop') }, hostile),
    group: fc.oneof({ weight: 8, arbitrary: fc.constant(undefined) }, hostile),
    kind: fc.oneof({ weight: 8, arbitrary: fc.constant(undefined) }, hostile),
    key: hostile,
    value: hostile,
    how: fc.constantFrom('change', 'add', 'remove'),
  })
  .map(({ type: [group = '', kind = ''], key, value, how, ...given }): ObjectChange => {
    const object = (text: string): JsonObject => ({
      kind,
      metadata: { labels: { [key]: text } },
      spec: { [key]: [text] },
    });
    return {
      group: given.group === undefined || group === '' ? group : `${given.group}.istio.io`,
      kind: given.kind ?? kind,
      namespace: kind === 'Namespace' ? undefined : given.namespace,
      name: given.name,
      before: how === 'add' ? undefined : object('was'),
      after: how === 'remove' ? undefined : object(value),
      place,
    };
  })
  .filter(({ name, namespace = '' }) => !`${name}${namespace}`.includes('${'));

function isNamed({ group, kind, namespace = 'x', name }: ObjectChange): boolean {
  const labels = [namespace, ...(kind === 'Namespace' ? [name] : [])];
  return (
    /^[A-Za-z]([-A-Za-z0-9]*[A-Za-z0-9])?$/.test(kind) &&
    (group === '' || isSafe(group)) &&
    isSafe(name) &&
    labels.every((label) => isSafe(label) && !label.includes('.'))
  );
}

function refer({ group, kind, namespace, name }: ObjectChange): readonly string[] {
  const type = kind.toLowerCase() + (group === '' ? '' : `.${group}`);
  return [...(namespace === undefined ? [] : ['--namespace', namespace]), '--', type, name];
}

function queryOf(change: ObjectChange): readonly string[] {
  const label = (name: string) => `{.metadata.labels.kustomize\\.toolkit\\.fluxcd\\.io/${name}}`;
  const format = `jsonpath=${label('name')} ${label('namespace')}`;
  return ['kubectl', 'get', '--ignore-not-found', '--output', format, ...refer(change)];
}

/** The command for a change, its JSON taken apart: escapes are no difference. */
function meant(change: ObjectChange): readonly string[] {
  const { before, after } = change;
  if (after === undefined) return ['kubectl', 'delete', '--ignore-not-found', ...refer(change)];
  if (before === undefined) return ['kubectl', 'apply', '--filename', '-'];
  const patch = JSON.stringify(mergePatchBetween(before, after));
  return ['kubectl', 'patch', '--type', 'merge', '--patch', patch, ...refer(change)];
}

function sorted(run: readonly (readonly string[])[]): readonly string[] {
  return run
    .map((words) =>
      JSON.stringify(words.map((word) => (word.startsWith('{"') ? JSON.stringify(JSON.parse(word)) : word))),
    )
    .sort();
}

describe(`the emergency commands (seed ${String(seed)})`, () => {
  it.each(['sh', 'bash'])(
    'do in %s with 500 hostile objects exactly what they say, and name every one left out',
    (shell) => {
      const all = sample(changes).map((change, index) =>
        isSafe(change.name) ? { ...change, name: `${change.name}-${String(index)}` } : change,
      );
      const urgent = all.filter(
        ({ group, kind }) =>
          group.endsWith('.istio.io') ||
          (kind === 'Namespace' && group === '') ||
          (kind === 'Deployment' && group === 'apps'),
      );
      const kept = urgent.filter(isNamed);
      expect(kept.length).toBeGreaterThan(100);

      const { script, problems } = emergencyScript(all);
      const run = commandsOf(script, shell);

      expect(problems).toHaveLength(urgent.length - kept.length);
      for (const problem of problems) expect(problem).toMatchObject({ rule: 'emergency-name', ...place });
      const asked = kept.filter(({ before }) => before !== undefined).map(queryOf);
      const applied = kept.flatMap(({ before, after }) =>
        before === undefined ? [['stdin', JSON.stringify(after)]] : [],
      );
      const suspended = ['flux', 'suspend', 'kustomization', '--namespace', 'flux-system', '--', 'app'];
      expect(sorted(run)).toEqual(sorted([...asked, ...applied, suspended, ...kept.map(meant)]));
    },
  );

  it('are not printed at all when an object has a name that only the cluster knows', () => {
    const change = (name: string): ObjectChange => ({
      group: 'networking.istio.io',
      kind: 'DestinationRule',
      namespace: 'shop',
      name,
      before: { spec: { a: 1 } },
      after: { spec: { a: 2 } },
      place,
    });

    const { script, problems } = emergencyScript([change('web'), change('${TENANT}-web')]);

    expect(script).toBe('');
    expect(problems).toMatchObject([{ rule: 'emergency-name', severity: 'error', ...place }]);
  });

  it('leave alone what only looks like a kind of theirs', () => {
    const changed = (group: string, kind: string): ObjectChange => ({
      ...{ group, kind, name: 'x', namespace: 'shop', place },
      ...{ before: { a: 1 }, after: { a: 2 } },
    });

    const { script, problems } = emergencyScript([
      changed('acme.example', 'Deployment'),
      changed('notistio.io', 'Gateway'),
      changed('serving.knative.dev', 'Namespace'),
    ]);

    expect([script, problems]).toEqual(['', []]);
  });
});
