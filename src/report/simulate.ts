import {
  describeCall,
  describeCallee,
  describeCaller,
  stateNames,
  type Call,
  type CallReport,
  type Evidence,
  type StateName,
  type Decision,
  type Verdict,
} from '../model/traffic.ts';
import { printable, type Paint } from './paint.ts';

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

/** Whether a call does not break before, and breaks in a later state. */
export function isBroken({ states }: CallReport): boolean {
  if (states.before?.verdict === 'breaks') return false;
  return stateNames.some((name) => name !== 'before' && states[name]?.verdict === 'breaks');
}

/** A table of the calls that do not work in every state, then why, then the count. */
export function describeSimulation(reports: readonly ClusterReport[], colours: Paint): string {
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
  return `${table}${rows.map(({ report, label }) => reasons(report, label, colours)).join('')}${countCalls(reports)}\n`;
}

const cell = 13;

function labelOf({ call, environment }: ClusterReport): string {
  return printable(`${environment} ${describeCall(call)}`);
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
      verdict.settle === undefined ? '' : `\n    ${colours.dim('resolve')}  ${printable(verdict.settle)}`;
    return `  ${colours.bold(names.join(', '))}: ${printable(verdict.reason)}${placeOf(verdict, colours)}${settle}\n`;
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
  return ` ${colours.dim(printable(`(not declared; ${how})`))}`;
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
  return ` ${colours.dim(printable(resource === undefined ? `(${place})` : `(${resource}, ${place})`))}`;
}

/** `23 calls: 21 work in every state, 1 breaks, 1 undetermined` */
function countCalls(reports: readonly CallReport[]): string {
  const { calls, work, break: broken, undetermined } = summaryOf(reports);
  const parts = [
    `${String(work)} ${work === 1 ? 'works' : 'work'} in every state`,
    ...(broken > 0 ? [`${String(broken)} ${broken === 1 ? 'breaks' : 'break'} on the way`] : []),
    ...(undetermined > 0 ? [`${String(undetermined)} undetermined`] : []),
  ];
  const others = calls - work - broken - undetermined;
  if (others > 0) parts.push(`${String(others)} ${others === 1 ? 'does' : 'do'} not work today either`);
  return `${String(calls)} ${calls === 1 ? 'call' : 'calls'}: ${parts.join(', ')}.`;
}

function summaryOf(reports: readonly CallReport[]) {
  const all = reports.map((report) => ({
    isBroken: isBroken(report),
    verdicts: Object.values(report.states).map(({ verdict }) => verdict),
  }));
  return {
    calls: reports.length,
    work: all.filter(({ verdicts }) => verdicts.every((each) => each === 'works')).length,
    break: all.filter((each) => each.isBroken).length,
    undetermined: all.filter(
      (each) => !each.isBroken && !each.verdicts.includes('breaks') && each.verdicts.includes('undetermined'),
    ).length,
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
    readonly evidence: readonly Evidence[];
    readonly states: Readonly<Partial<Record<StateName, Verdict>>>;
  }[];
  readonly summary: {
    readonly calls: number;
    readonly work: number;
    readonly break: number;
    readonly undetermined: number;
  };
}

export function simulationAsJson(reports: readonly ClusterReport[]): SimulationJson {
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
      evidence: call.evidence,
      states,
    })),
    summary: summaryOf(reports),
  };
}

/** One call, decision by decision, in every state. */
export function describeWhy(call: string, explanations: readonly Explanation[], colours: Paint): string {
  return explanations
    .map(({ environment, cluster, states }) => {
      const where = [environment, cluster].filter((each) => each !== undefined).join(' ');
      const parts = states.map(({ name, verdict, steps }) => {
        const lines = steps.map(
          (step, index) => `  ${String(index + 1)}. ${printable(step.text)}${placeOf(step, colours)}\n`,
        );
        const said = verdict.verdict === 'breaks' ? colours.red(wordFor(verdict)) : wordFor(verdict);
        const settle =
          verdict.settle === undefined ? '' : `  ${colours.dim('resolve')}  ${printable(verdict.settle)}\n`;
        return `${colours.bold(name)}: ${said}\n${lines.join('')}  ${printable(verdict.reason)}${placeOf(verdict, colours)}\n${settle}`;
      });
      return `${printable(call)} (${where})\n\n${parts.join('\n')}`;
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
        (caller, index) => `  ${String(index + 1).padStart(2)} ${printable(caller)}\n`,
      );
      const grid = rows.map(
        ({ callee, verdicts }) =>
          `${printable(callee).padEnd(width)}  ${verdicts.map((each) => ` ${marks[each]}`).join(' ')}\n`,
      );
      return `${colours.bold(`${environment} ${state}`)} (+ reaches, . does not, ? undetermined; callers across)\n${legend.join('')}${' '.repeat(width)}  ${numbers}\n${grid.join('')}`;
    })
    .join('\n');
}
