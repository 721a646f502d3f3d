import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { rules } from '../../../src/lint/all-rules.ts';
import type { Fleet } from '../../../src/model/fleet.ts';
import { lintFiles } from '../../lint/fixture.ts';
import { istioctl } from './istioctl.ts';

/** One thing said of one object. */
export interface Verdict {
  readonly code: string;
  /** As istioctl names it: `Kind namespace/name`. */
  readonly object: string;
  readonly says: string;
}

/** One code at one object that only one of the two has. */
export interface Difference extends Verdict {
  readonly only: 'istioctl' | 'lint';
  readonly where: string;
}

/** What both say of some files, and what one of them says alone. */
export interface Comparison {
  /** What istioctl says. */
  readonly said: readonly Verdict[];
  /** What lint finds. */
  readonly found: readonly Found[];
  readonly agreed: number;
  readonly differences: readonly Difference[];
}

type Files = Readonly<Record<string, string>>;

/** Codes whose analyzers run without a cluster. Of IST0101 only some do: see `isRun`. */
const runsOnFiles = new Set(
  '0002 0101 0106 0109 0128 0129 0130 0131 0132 0133 0134 0138 0151 0152 0153 0154 0155 0157 0160 0165 0177'
    .split(' ')
    .map((number) => `IST${number}`),
);
/** Analyzers that want Services, Pods, Secrets or Namespaces are left out when istioctl reads files. */
const needsCluster = new Set([
  'delegate-not-usable',
  'destination-host-unknown',
  'destination-port-unknown',
  'gateway-secret-not-found',
  'gateway-selects-nothing',
  'half-qualified-host',
  'policy-source-namespace-missing',
  'sidecar-selects-nothing',
  'telemetry-selects-nothing',
]);

/** Puts lint beside istioctl. Codes at objects are compared, not places or words: each code of istioctl must be among the
 *  equivalents of something that lint finds at the same object, and each error of lint whose equivalent runs on files
 *  must be said by istioctl. */
export async function compare(where: string, files: Files, fleet?: Fleet): Promise<Comparison> {
  const [all, found] = await Promise.all([istioctlFinds(files), lintFinds(files, fleet)]);
  const held = identitiesIn(files);
  const said = all.filter((verdict) => !isOfAnotherRepository(verdict, held));
  const errors = found.filter(
    ({ rule, severity, codes }) =>
      severity === 'error' && !needsCluster.has(rule) && codes.some((code) => runsOnFiles.has(code)),
  );
  const differences = differencesOf(where, said, found, errors);
  const agreed = said.length - differences.filter(({ only }) => only === 'istioctl').length;
  return { said, found, agreed, differences };
}

/** istioctl calls each Gateway missing that is not among the files, and then has no host of it either (IST0132). Lint does
 *  so only where something else of the Gateway's namespace was read; the rest is not compared. */
function isOfAnotherRepository({ code, says }: Verdict, held: ReadonlySet<string>): boolean {
  const missing = /^Referenced gateway not found: "(.*)\/.*"$/.exec(says)?.[1];
  if (code === 'IST0101' && missing !== undefined) return !held.has(missing);
  const gateway = /not found in Gateway (\S+)\.$/.exec(says)?.[1];
  return code === 'IST0132' && gateway !== undefined && !held.has(`Gateway ${gateway}`);
}

/** Namespaces that some object is in, and Gateways, as istioctl names them. */
function identitiesIn(files: Files): ReadonlySet<string> {
  const documents = Object.values(files).flatMap((text) =>
    parseAllDocuments(text).map((document) => document.toJS() as unknown),
  );
  return new Set(
    documents.flatMap((value) => {
      const { kind, metadata } = (value ?? {}) as {
        kind?: string;
        metadata?: { name?: string; namespace?: string };
      };
      const { name = '', namespace = '' } = metadata ?? {};
      return kind === 'Gateway'
        ? [namespace, objectOf({ kind, name, namespace: namespace || undefined })]
        : [namespace];
    }),
  );
}

/** What one of two says alone.
 *  @param claims  those of lint's findings that istioctl must have as well */
export function differencesOf(
  where: string,
  said: readonly Verdict[],
  found: readonly Found[],
  claims: readonly Found[],
): readonly Difference[] {
  return [
    ...said
      .filter(
        ({ code, object }) => !found.some((each) => each.object === object && each.codes.includes(code)),
      )
      .map((verdict) => ({ only: 'istioctl' as const, where, ...verdict })),
    ...claims
      .filter(
        ({ object, codes }) => !said.some((each) => each.object === object && codes.includes(each.code)),
      )
      .map(({ rule, object, says }) => ({ only: 'lint' as const, where, code: rule, object, says })),
  ];
}

/** A finding of lint at an object, with the codes that say the same. */
export interface Found {
  readonly rule: string;
  readonly severity: string;
  readonly object: string;
  readonly codes: readonly string[];
  readonly says: string;
}

export async function lintFinds(files: Files, fleet?: Fleet): Promise<readonly Found[]> {
  const found = await lintFiles(files, rules, fleet);
  return found.map(({ rule, severity, resource, equivalent: codes = [], message: says }) => ({
    rule,
    severity,
    object: objectOf(resource),
    codes,
    says,
  }));
}

function objectOf(
  resource:
    { readonly kind: string; readonly namespace?: string | undefined; readonly name: string } | undefined,
): string {
  if (resource === undefined) return '';
  const { kind, namespace = 'default', name } = resource;
  // Neither tool tells "no namespace" from the default one at all times.
  return kind === 'Namespace' || namespace === 'default' ? `${kind} ${name}` : `${kind} ${namespace}/${name}`;
}

/** What `istioctl analyze` says of files, and what `istioctl validate` refuses; each code once an object. */
async function istioctlFinds(files: Files): Promise<readonly Verdict[]> {
  const folder = mkdtempSync(join(tmpdir(), 'meshwright-side-by-side-'));
  try {
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, name)), { recursive: true });
      writeFileSync(join(folder, name), text);
    }
    const [analyzed, validated] = await Promise.all([
      istioctl(['analyze', '--use-kube=false', '--all-namespaces', '--output=json', folder]),
      istioctl(['validate', '-f', folder]),
    ]);
    const all = [
      ...messagesIn(analyzed.stdout),
      ...unreadIn(analyzed.stderr, folder),
      ...refusalsIn(validated.stderr),
    ];
    const once = new Map(all.map((verdict) => [`${verdict.code} ${verdict.object}`, verdict]));
    return [...once.values()];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function messagesIn(stdout: string): readonly Verdict[] {
  const [, json] = /^(\[\]|\[\n[\s\S]*?^\])/m.exec(stdout) ?? [];
  if (json === undefined) throw new Error(`istioctl analyze gave no list: ${stdout}`);
  const messages = JSON.parse(json) as readonly { code: string; origin: string; message: string }[];
  return messages.map(({ code, origin, message }) => ({
    code,
    object: origin.replace(' default/', ' '),
    says: message,
  }));
}

/** Documents that analyze can't read are left out of its list, and told among its logs. */
function unreadIn(stderr: string, folder: string): readonly Verdict[] {
  return [...stderr.matchAll(/error processing (\S+)\[(\d+)\]: (.*)/g)].map(
    ([, file = '', index = '', says = '']) => {
      const documents = parseAllDocuments(readFileSync(join(folder, file.slice(folder.length)), 'utf8'));
      const value: unknown = documents[Number(index)]?.toJS();
      const { kind, metadata } = value as { kind: string; metadata: { name: string; namespace?: string } };
      return { code: 'IST0106', object: objectOf({ kind, ...metadata }), says };
    },
  );
}

/** `* VirtualService/shop/web: why`, behind the warnings, which analyze has as well. What it says of Services and
 *  Deployments is no validation of Istio's. */
function refusalsIn(stderr: string): readonly Verdict[] {
  const errors = /^Error: [\s\S]*/m.exec(stderr)?.[0] ?? '';
  return [...errors.matchAll(/^\t\* (\w+)\/([^/\s]*)\/([^:\s]*): (.*)/gm)]
    .filter(([, kind]) => kind !== 'Service' && kind !== 'Deployment')
    .map(([, kind = '', namespace = '', name = '', says = '']) => ({
      code: 'IST0106',
      object: objectOf({ kind, namespace: namespace || undefined, name }),
      says,
    }));
}
