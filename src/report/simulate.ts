import type { CallCounts } from '../model/bundle.ts';
import {
  countResults,
  describeCall,
  describeRequest,
  describeCallee,
  describeCaller,
  resultOf,
  stateNames,
  type Call,
  type CallReport,
  type Evidence,
  type Known,
  type CallResult,
  type StateName,
  type Decision,
  type Verdict,
} from '../model/traffic.ts';
import { visible } from '../model/quoted.ts';
import type { Paint } from './paint.ts';

/** Calls of one environment, on clusters where they have the same verdicts. */
export interface ClusterReport extends CallReport {
  readonly environment: string;
  readonly clusters: readonly string[];
}

/** The steps and verdicts of one call on one place. */
export interface Explanation {
  readonly environment: string;
  readonly cluster: string | undefined;
  readonly states: readonly {
    readonly name: StateName;
    readonly verdict: Verdict;
    readonly steps: readonly Decision[];
  }[];
}

/** What is known of the callers of a Service, or of what a workload calls, and the clusters where it is so. */
export interface ClusterKnown extends Known {
  readonly environment: string;
  readonly clusters: readonly string[];
  /** Calls that only manifests name or a tool has seen, and that would make it known once declared. */
  readonly undeclared: readonly Call[];
}

/** Whether a call does not break before, and breaks in a later state. */
export function isBroken(report: CallReport): boolean {
  return resultOf(report) === 'broken';
}

/** A table of the calls that do not work in every state, then why, then what is not known, then the count. */
export function describeSimulation(
  reports: readonly ClusterReport[],
  known: readonly ClusterKnown[],
  colours: Paint,
): string {
  const shown = reports.filter(({ states }) =>
    Object.values(states).some(({ verdict }) => verdict !== 'works'),
  );
  const rows = shown.map((report) => ({ report, label: labelOf(report) }));
  const width = Math.max(4, ...rows.map(({ label }) => label.length));
  const head = ['call'.padEnd(width), ...stateNames.map((name) => name.padEnd(cell))].join('  ').trimEnd();
  const lines = rows.map(({ report, label }) =>
    [label.padEnd(width), ...stateNames.map((name) => tinted(report.states[name], colours))]
      .join('  ')
      .trimEnd(),
  );
  const table = rows.length === 0 ? '' : `${colours.bold(head)}\n${lines.join('\n')}\n\n`;
  return `${table}${rows.map(({ report, label }) => reasons(report, label, colours)).join('')}${unknownLines(known, colours)}${countCalls(reports, known)}\n`;
}

const cell = 13;

function labelOf({ call, environment }: ClusterReport): string {
  return visible(`${environment} ${describeCall(call)}${describeRequest(call)}`);
}

function wordFor(verdict: Verdict | undefined): string {
  if (verdict === undefined) return '-';
  return verdict.verdict === 'undetermined' ? '?' : (verdict.symptom ?? verdict.verdict);
}

function tinted(verdict: Verdict | undefined, colours: Paint): string {
  const text = wordFor(verdict).padEnd(cell);
  if (verdict?.verdict === 'breaks') return colours.red(text);
  return verdict?.verdict === 'undetermined' ? colours.yellow(text) : colours.dim(text);
}

/** Each reason once, with the states it holds in. */
function reasons({ states, call }: ClusterReport, label: string, colours: Paint): string {
  const found = new Map<string, { readonly verdict: Verdict; readonly names: StateName[] }>();
  for (const name of stateNames) {
    const verdict = states[name];
    if (verdict === undefined || verdict.verdict === 'works') continue;
    const key = JSON.stringify(verdict);
    const known = found.get(key) ?? { verdict, names: [] };
    known.names.push(name);
    found.set(key, known);
  }
  const lines = [...found.values()].map(({ verdict, names }) => {
    const settle =
      verdict.settle === undefined ? '' : `\n    ${colours.dim('resolve')}  ${visible(verdict.settle)}`;
    return `  ${colours.bold(names.join(', '))}: ${visible(verdict.reason)}${placeOf(verdict, colours)}${settle}\n`;
  });
  return `${label}${undeclared(call, colours)}\n${lines.join('')}\n`;
}

/** Where a call is known from that the fleet file does not declare. */
function undeclared({ evidence }: Call, colours: Paint): string {
  const [first] = evidence;
  if (first === undefined || evidence.some(({ source }) => source === 'declared')) return '';
  const place =
    first.file === undefined
      ? ''
      : ` ${first.file}${first.line === undefined ? '' : `:${String(first.line)}`}`;
  const how = first.source === 'manifests' ? `named in${place}` : `observed by ${first.source},${place}`;
  return ` ${colours.dim(visible(`(not declared; ${how})`))}`;
}

function placeOf(
  {
    file,
    line,
    resource,
  }: { file?: string | undefined; line?: number | undefined; resource?: string | undefined },
  colours: Paint,
): string {
  if (file === undefined) return '';
  const place = `${file}:${String(line ?? 1)}`;
  return ` ${colours.dim(visible(resource === undefined ? `(${place})` : `(${resource}, ${place})`))}`;
}

/** Who is unknown, what was found of them so far, and the lines that would make them known. */
function unknownLines(known: readonly ClusterKnown[], colours: Paint): string {
  const unknown = known.filter(({ knowledge }) => knowledge.is === 'unknown');
  if (unknown.length === 0) return '';
  const blocks = unknown.map(({ kind, namespace, name, environment, undeclared }) => {
    const what = kind === 'callers' ? 'who calls' : 'what is called by';
    const found = undeclared.map((call) => {
      const [first] = call.evidence;
      const place = first?.file === undefined ? '' : ` (${first.file}:${String(first.line ?? 1)})`;
      return `    ${colours.dim('found')}  ${visible(`${describeCall(call)}${place}`)}\n`;
    });
    const key = kind === 'callers' ? 'callers' : 'calls';
    return `  ${visible(`${environment} ${what} ${namespace}/${name}`)}\n${found.join('')}    ${colours.dim('add')}    ${visible(`- name: ${name}`)} ${colours.dim('# under services')}\n             complete: {${key}: "who says that these are all, and how they know"}\n`;
  });
  return `${colours.bold('unknown')}\n${blocks.join('')}  ${colours.dim('or')}     meshwright calls import FILE --write ${colours.dim('# traffic that Prometheus, Kiali, Hubble, OpenTelemetry or Envoy recorded')}\n         meshwright calls import --scan --write ${colours.dim('# what manifests name')}\n\n`;
}

/** `23 calls: 21 proven, 1 broken, 1 undetermined; 2 unknown.` */
function countCalls(reports: readonly CallReport[], known: readonly ClusterKnown[]): string {
  const { calls, proven, broken, undetermined, failing, unknown } = summaryOf(reports, known);
  const left =
    unknown === 0
      ? ''
      : ` Unknown: ${[
          counted(
            countUnknown(known, 'callers'),
            'Service without a known caller',
            'Services without a known caller',
          ),
          counted(
            countUnknown(known, 'callees'),
            'workload without a known call',
            'workloads without a known call',
          ),
        ]
          .filter((each) => each !== '')
          .join(', ')}.`;
  if (calls === 0)
    return unknown === 0
      ? 'No calls: the fleet file states that there are none.'
      : `No call is known, so none is proven.${left}`;
  const parts = [
    `${String(proven)} proven`,
    ...(broken > 0 ? [`${String(broken)} broken`] : []),
    ...(undetermined > 0 ? [`${String(undetermined)} undetermined`] : []),
    ...(failing > 0 ? [`${String(failing)} ${failing === 1 ? 'does' : 'do'} not work today either`] : []),
  ];
  return `${counted(calls, 'call', 'calls')}: ${parts.join(', ')}.${left}`;
}

function counted(count: number, one: string, many: string): string {
  return count === 0 ? '' : `${String(count)} ${count === 1 ? one : many}`;
}

function countUnknown(known: readonly ClusterKnown[], kind: Known['kind']): number {
  return known.filter((each) => each.kind === kind && each.knowledge.is === 'unknown').length;
}

function summaryOf(reports: readonly CallReport[], known: readonly ClusterKnown[]) {
  return {
    ...countResults(reports),
    unknown: countUnknown(known, 'callers') + countUnknown(known, 'callees'),
  };
}

/** The stable JSON of `simulate`. */
export interface SimulationJson {
  readonly calls: readonly {
    readonly from: string;
    readonly to: string;
    readonly host?: string | undefined;
    readonly environment: string;
    readonly clusters: readonly string[];
    readonly protocol?: Call['protocol'];
    readonly method?: string | undefined;
    readonly path?: string | undefined;
    readonly gatewayPort?: number | undefined;
    readonly isFromInit?: boolean | undefined;
    readonly evidence: readonly Evidence[];
    readonly result: CallResult;
    readonly states: Readonly<Partial<Record<StateName, Verdict>>>;
  }[];
  /** Services with pods: whether all their callers are known. */
  readonly services: readonly (KnownJson & {
    readonly service: string;
    readonly callers: 'known' | 'unknown';
  })[];
  /** Workloads: whether all that they call is known. */
  readonly workloads: readonly (KnownJson & {
    readonly workload: string;
    readonly calls: 'known' | 'unknown';
  })[];
  /** Calls by their result, each in one of the four; and apart from them, how many Services and workloads are unknown. */
  readonly summary: CallCounts & { readonly unknown: number };
}

interface KnownJson {
  readonly environment: string;
  readonly clusters: readonly string[];
  readonly evidence: readonly Evidence[];
  /** What would resolve it. */
  readonly settle?: string | undefined;
}

export function simulationAsJson(
  reports: readonly ClusterReport[],
  known: readonly ClusterKnown[],
): SimulationJson {
  return {
    calls: reports.map(({ call, states, environment, clusters }) => ({
      from: describeCaller(call.from),
      to: describeCallee(call.to),
      host: call.host,
      environment,
      clusters,
      protocol: call.protocol,
      method: call.method,
      path: call.path,
      gatewayPort: call.gatewayPort,
      isFromInit: call.isFromInit,
      evidence: call.evidence,
      result: resultOf({ states }),
      states,
    })),
    services: known.flatMap((each) =>
      each.kind === 'callers'
        ? [{ service: `${each.namespace}/${each.name}`, callers: each.knowledge.is, ...knownAsJson(each) }]
        : [],
    ),
    workloads: known.flatMap((each) =>
      each.kind === 'callees'
        ? [{ workload: `${each.namespace}/${each.name}`, calls: each.knowledge.is, ...knownAsJson(each) }]
        : [],
    ),
    summary: summaryOf(reports, known),
  };
}

function knownAsJson({ environment, clusters, knowledge }: ClusterKnown): KnownJson {
  return knowledge.is === 'known'
    ? { environment, clusters, evidence: knowledge.evidence }
    : { environment, clusters, evidence: [], settle: knowledge.settle };
}

/** One call, decision by decision, in every state. */
export function describeWhy(call: string, explanations: readonly Explanation[], colours: Paint): string {
  return explanations
    .map(({ environment, cluster, states }) => {
      const where = [environment, cluster].filter((each) => each !== undefined).join(' ');
      const parts = states.map(({ name, verdict, steps }) => {
        const lines = steps.map(
          (step, index) => `  ${String(index + 1)}. ${visible(step.text)}${placeOf(step, colours)}\n`,
        );
        const said = verdict.verdict === 'breaks' ? colours.red(wordFor(verdict)) : wordFor(verdict);
        const settle =
          verdict.settle === undefined ? '' : `  ${colours.dim('resolve')}  ${visible(verdict.settle)}\n`;
        return `${colours.bold(name)}: ${said}\n${lines.join('')}  ${visible(verdict.reason)}${placeOf(verdict, colours)}\n${settle}`;
      });
      return `${visible(call)} (${where})\n\n${parts.join('\n')}`;
    })
    .join('\n');
}

/** Who reaches whom in one state. */
export interface Matrix {
  readonly environment: string;
  readonly state: StateName;
  readonly callers: readonly string[];
  readonly rows: readonly { readonly callee: string; readonly verdicts: readonly Verdict['verdict'][] }[];
}

const marks = { works: '+', breaks: '.', undetermined: '?' } as const;

/** A grid for each state: callees down, callers across by number. */
export function describeMatrices(matrices: readonly Matrix[], colours: Paint): string {
  return matrices
    .map(({ environment, state, callers, rows }) => {
      const width = Math.max(0, ...rows.map(({ callee }) => callee.length));
      const numbers = callers.map((_, index) => String((index + 1) % 100).padStart(2)).join(' ');
      const legend = callers.map(
        (caller, index) => `  ${String(index + 1).padStart(2)} ${visible(caller)}\n`,
      );
      const grid = rows.map(
        ({ callee, verdicts }) =>
          `${visible(callee).padEnd(width)}  ${verdicts.map((each) => ` ${marks[each]}`).join(' ')}\n`,
      );
      return `${colours.bold(`${environment} ${state}`)} (+ reaches, . does not, ? undetermined; callers across)\n${legend.join('')}${' '.repeat(width)}  ${numbers}\n${grid.join('')}`;
    })
    .join('\n');
}
