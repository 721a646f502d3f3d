import { describe, expect, it } from 'vitest';
import { lintClusters } from '../../src/flows/lint.ts';
import { readClusters } from '../../src/flows/read-clusters.ts';
import { parseBaseline, printBaseline } from '../../src/lint/baseline.ts';
import namespaceTwoInjectionLabels from '../../src/lint/rules/namespace/namespace-two-injection-labels.ts';
import tlsWithoutMode from '../../src/lint/rules/destination-rule/tls-without-mode.ts';
import { defaultLintConfig, type LintConfig, type LintResult } from '../../src/model/lint.ts';
import { folderTree } from '../fakes/tree.ts';

const rules = [namespaceTwoInjectionLabels, tlsWithoutMode];

async function run(
  files: Readonly<Record<string, string>>,
  more: { readonly config?: Partial<LintConfig>; readonly baseline?: string } = {},
): Promise<LintResult> {
  const folder = {
    tree: folderTree(files),
    nameOf: (path: string) => `../app/${path}`,
    paths: [],
    targets: new Map(),
  };
  const clusters = await readClusters([folder]);
  const baseline = parseBaseline(more.baseline ?? '{"version":1,"findings":[]}', 'baseline.json');
  if (!clusters.ok || !baseline.ok) throw new Error('the test is broken');
  const config = { ...defaultLintConfig, ...more.config };
  return lintClusters(clusters.value, { rules, config, baseline: baseline.value, fleet: undefined });
}

const said = ({ problems }: LintResult) => problems.map(({ rule, line = 0 }) => `${String(line)} ${rule}`);

const destinationRule = (tls: string, head = '') => `${head}apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata:
  name: ledger
  namespace: bank
spec:
  host: ledger
  trafficPolicy:
${tls}`;

describe('a comment with a reason takes out a finding', () => {
  it.each([
    [
      'behind it',
      destinationRule('    tls: {} # meshwright: ignore tls-without-mode: plain text on purpose\n'),
    ],
    ['above it', destinationRule('    # meshwright: ignore tls-without-mode: on purpose\n    tls: {}\n')],
    [
      'above what holds it',
      destinationRule('    # meshwright: ignore tls-without-mode: on purpose\n    tls:\n      sni: x\n'),
    ],
    [
      'at the head of its document',
      destinationRule('    tls: {}\n', '# meshwright: ignore tls-without-mode: old\n'),
    ],
    [
      'together with other rules',
      destinationRule(
        '    tls: {} # meshwright: ignore namespace-two-injection-labels, tls-without-mode: both\n',
      ),
    ],
  ])('%s', async (_, text) => {
    const result = await run({ 'a.yaml': text });

    expect(said(result)).toEqual([]);
    expect(result.accepted).toMatchObject([{ by: 'comment', reason: expect.stringMatching(/./) as string }]);
  });
});

describe('a comment takes out nothing', () => {
  it.each([
    ['without a reason', '    tls: {} # meshwright: ignore tls-without-mode\n', 'suppression-without-reason'],
    [
      'for another rule',
      '    tls: {} # meshwright: ignore namespace-two-injection-labels: x\n',
      'suppression-unused',
    ],
    [
      'for a rule that is none',
      '    tls: {} # meshwright: ignore tls-witout-mode: x\n',
      'suppression-unknown-rule',
    ],
    [
      'beside its block',
      '    # meshwright: ignore tls-without-mode: x\n    loadBalancer: {}\n    tls: {}\n',
      'suppression-unused',
    ],
  ])('%s, and is told of', async (_, tls, complaint) => {
    const result = await run({ 'a.yaml': destinationRule(tls) });

    expect(result.problems.map(({ rule }) => rule).sort()).toEqual([complaint, 'tls-without-mode'].sort());
    expect(result.accepted).toEqual([]);
  });

  it('in another document of the same file', async () => {
    const first = destinationRule('    loadBalancer: {}\n', '# meshwright: ignore tls-without-mode: old\n');
    const result = await run({
      'a.yaml': `${first}---\n${destinationRule('    tls: {}\n').replace('ledger', 'b')}`,
    });

    expect(said(result)).toEqual(['1 suppression-unused', '20 tls-without-mode']);
  });
});

it.each(['IST0123', '*', 'IST0001, IST0123', 'namespace-two-injection-labels'])(
  "Istio's annotation takes out findings with the code %s",
  async (codes) => {
    const text = `apiVersion: v1
kind: Namespace
metadata:
  name: bank
  annotations: {galley.istio.io/analyze-suppress: "${codes}"}
  labels: {istio-injection: enabled, istio.io/rev: stable}
`;
    const result = await run({ 'a.yaml': text });

    expect(said(result)).toEqual([]);
    expect(result.accepted).toMatchObject([{ by: 'annotation' }]);
  },
);

it("Istio's annotation leaves findings with other codes", async () => {
  const text = destinationRule('    tls: {}\n').replace(
    '  name: ledger\n',
    '  name: ledger\n  annotations: {galley.istio.io/analyze-suppress: IST0128}\n',
  );

  expect(said(await run({ 'a.yaml': text }))).toEqual(['10 tls-without-mode']);
});

describe('a configuration', () => {
  const files = { 'apps/old/a.yaml': destinationRule('    tls: {}\n') };
  const off = new Map([['tls-without-mode', 'off' as const]]);

  it('turns a rule off', async () => {
    expect(said(await run(files, { config: { severities: off } }))).toEqual([]);
  });

  it('makes a rule weigh less in some files, told from the root of the checkout', async () => {
    const overrides = [
      { files: ['apps/old/**'], severities: new Map([['tls-without-mode', 'info' as const]]) },
    ];
    const { problems } = await run(files, { config: { overrides } });

    expect(problems).toMatchObject([{ severity: 'info', file: '../app/apps/old/a.yaml' }]);
  });

  it('the last word of several wins', async () => {
    const overrides = [
      { files: ['apps/**'], severities: off },
      { files: ['apps/old/**'], severities: new Map([['tls-without-mode', 'warning' as const]]) },
    ];

    expect((await run(files, { config: { severities: off, overrides } })).problems).toMatchObject([
      { severity: 'warning' },
    ]);
  });

  it('ignores files, broken ones too', async () => {
    const result = await run(
      { ...files, 'vendor/x.yaml': 'a: [' },
      { config: { ignore: ['vendor/**', 'apps/*/a.yaml'] } },
    );

    expect(said(result)).toEqual([]);
  });
});

describe('a baseline', () => {
  const text = destinationRule('    tls: {}\n');

  it('knows what was found, wherever it has moved in its file', async () => {
    const baseline = printBaseline((await run({ 'a.yaml': text })).problems);
    const result = await run({ 'a.yaml': `# a new first line\n\n${text}` }, { baseline });

    expect(said(result)).toEqual([]);
    expect(result.accepted).toMatchObject([{ by: 'baseline' }]);
  });

  it('does not know a second one of the same kind', async () => {
    const baseline = printBaseline((await run({ 'a.yaml': text })).problems);
    const other = text.replace('name: ledger', 'name: accounts');

    expect(said(await run({ 'a.yaml': `${text}---\n${other}` }, { baseline }))).toEqual([
      '19 tls-without-mode',
    ]);
  });

  it('is the same text whatever the order of findings', async () => {
    const { problems } = await run({
      'a.yaml': text,
      'b.yaml': text.replace('name: ledger', 'name: accounts'),
    });

    expect(problems).toHaveLength(2);
    expect(printBaseline([...problems].reverse())).toBe(printBaseline(problems));
  });

  it.each(['', '[]', '{"version":2,"findings":[]}', '{"version":1,"findings":[{"rule":1}]}', '{'])(
    'that is none is refused: %j',
    (broken) => {
      expect(parseBaseline(broken, 'b.json')).toMatchObject({
        ok: false,
        problems: [{ rule: 'lint-baseline-broken', file: 'b.json' }],
      });
    },
  );
});
