import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { default as AjvDraft04 } from 'ajv-draft-04';
import addFormats from 'ajv-formats';
import { afterAll, describe, expect, it } from 'vitest';
import { rules } from '../../src/lint/all-rules.ts';
import { meshwright } from '../e2e/harness/cli.ts';
import { fixtures } from '../lint/fixture.ts';
import { versions } from './harness/api-server.ts';

interface Log {
  version: string;
  runs: {
    tool: { driver: { name?: string } };
    columnKind?: string;
    results: Result[];
  }[];
}

interface Result {
  ruleId: string;
  level: string;
  message: { text?: string };
  locations?: {
    physicalLocation: { artifactLocation: { uri: string }; region?: { startLine: number; endLine?: number } };
  }[];
  suppressions?: { kind: string; justification?: string }[];
  [more: string]: unknown;
}

const folders: string[] = [];
const ajv = new AjvDraft04.default({ strict: false, allErrors: true });
addFormats.default(ajv);
const validate = ajv.compile(officialSchema());

afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** OASIS's own, which the Go module holds as a text. */
function officialSchema(): object {
  const file = new URL(`../../.cache/judges/sarif-${versions.goSarif}/schema.go`, import.meta.url);
  const [, schema = ''] = readFileSync(fileURLToPath(file), 'utf8').split('`');
  return JSON.parse(schema) as object;
}

function mistakes(log: unknown): readonly string[] {
  return validate(log)
    ? []
    : (validate.errors ?? []).map((each) => `${each.instancePath} ${each.message ?? ''}`);
}

function folderOf(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'meshwright-sarif-'));
  folders.push(folder);
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  return folder;
}

function sarifOf(cwd: string): Log {
  const { stdout, stderr } = meshwright(['lint', '--no-fleet', '--format', 'sarif'], { cwd });
  if (stdout === '') throw new Error(stderr);
  return JSON.parse(stdout) as Log;
}

function resultsOf(log: Log): readonly Result[] {
  return log.runs.flatMap(({ results }) => results);
}

const plain = (annotations = '', comment = '') =>
  [
    'apiVersion: networking.istio.io/v1',
    'kind: DestinationRule',
    'metadata:',
    '  name: ledger',
    '  namespace: bank',
    ...(annotations === '' ? [] : ['  annotations:', `    galley.istio.io/analyze-suppress: ${annotations}`]),
    'spec:',
    '  host: ledger',
    '  trafficPolicy:',
    `    tls: {}${comment}`,
    '',
  ].join('\n');

/** Everything that any rule finds in its own examples. */
function allFindings(): string {
  const folder = folderOf({});
  for (const { id } of rules) {
    mkdirSync(join(folder, id));
    try {
      copyFileSync(join(fixtures, id, 'bad.yaml'), join(folder, id, 'bad.yaml'));
    } catch {
      // Its example is a tree.
    }
  }
  return folder;
}

describe("the official schema of SARIF 2.1.0 admits lint's log", () => {
  it('when nothing is found', () => {
    const log = sarifOf(
      folderOf({ 'a.yaml': 'apiVersion: v1\nkind: Namespace\nmetadata: { name: bank }\n' }),
    );

    expect(resultsOf(log)).toEqual([]);
    expect(mistakes(log)).toEqual([]);
  });

  it('with what every rule finds, of every severity', () => {
    const log = sarifOf(allFindings());
    const results = resultsOf(log);

    expect(new Set(results.map(({ level }) => level))).toEqual(new Set(['error', 'warning', 'note']));
    expect(new Set(results.map(({ ruleId }) => ruleId)).size).toBeGreaterThan(150);
    expect(mistakes(log)).toEqual([]);
  });

  it('with what a comment, the annotation and a baseline accept', () => {
    const folder = folderOf({
      'a/comment.yaml': plain('', ' # meshwright: ignore tls-without-mode: the pods have no sidecar'),
      'b/annotation.yaml': plain('tls-without-mode'),
      'c/baseline.yaml': plain(),
    });
    meshwright(['lint', '--no-fleet', '--update-baseline'], { cwd: folder });
    const log = sarifOf(folder);

    expect(
      resultsOf(log)
        .filter(({ ruleId }) => ruleId === 'tls-without-mode')
        .map(({ suppressions = [] }) => suppressions.map(({ kind }) => kind).join(' '))
        .sort(),
    ).toEqual(['external', 'inSource', 'inSource']);
    expect(mistakes(log)).toEqual([]);
  });

  it('with hostile names of files and hostile words in messages', () => {
    const name = 'a b/#?%20&"\'<é>[1]{x}|^`\u2028.yaml';
    const host = String.raw`"x\u0000\u0007<script>\ud83d\ude00\u2028 https://[::1 %zz"`;
    const folder = folderOf({
      [name]: plain().replace('host: ledger', `host: ${host}`),
      'broken é.yaml': 'a: [\n',
      'binary.yaml': '\u0000\u0001',
    });
    const log = sarifOf(folder);
    const uris = resultsOf(log).flatMap(({ locations = [] }) =>
      locations.map(({ physicalLocation }) => decodeURIComponent(physicalLocation.artifactLocation.uri)),
    );

    expect(new Set(uris)).toContain(name);
    expect(new Set(uris)).toContain('broken é.yaml');
    expect(mistakes(log)).toEqual([]);
  });

  it.each<readonly [string, (log: Log, result: Result) => void]>([
    ['another version', (log) => (log.version = '2.0.0')],
    ['a tool without a name', (log) => delete log.runs[0]?.tool.driver.name],
    ['a level it does not know', (_, result) => (result.level = 'info')],
    ['a message without a text', (_, result) => (result.message = {})],
    [
      'a line before the first',
      (_, { locations = [] }) => {
        const region = locations[0]?.physicalLocation.region;
        if (region !== undefined) region.startLine = 0;
      },
    ],
    ['a suppression of no kind', (_, result) => (result.suppressions = [{ kind: 'baseline' }])],
    ['a field it does not know', (_, result) => (result.severity = 'error')],
    ['another unit of columns', (log) => Object.assign(log.runs[0] ?? {}, { columnKind: 'utf16' })],
  ])('and no log with %s', (_, breakIt) => {
    const log = sarifOf(folderOf({ 'a.yaml': plain() }));
    const result = resultsOf(log)[0];
    if (result === undefined) throw new Error('nothing was found');
    expect(mistakes(log)).toEqual([]);

    breakIt(log, result);

    expect(mistakes(log)).not.toEqual([]);
  });
});
