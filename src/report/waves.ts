import type { PlanProof, Step, Wave } from '../model/waves.ts';
import { mermaid, visible } from '../model/quoted.ts';
import type { Paint } from './paint.ts';

/** The waves with their reasons, then week by week, and what the simulator says of them. */
export function describeWaves(
  waves: readonly Wave[],
  steps: readonly Step[],
  proof: PlanProof,
  colours: Paint,
): string {
  const width = Math.max(0, ...waves.flatMap(({ namespaces }) => namespaces.map(({ name }) => name.length)));
  const groups = waves.map(({ name, why, namespaces }) => {
    const lines = namespaces.map((each) => `  ${each.name.padEnd(width)}  ${colours.dim(each.why)}\n`);
    return `${colours.bold(name)}: ${why}\n${lines.join('')}`;
  });
  return `${groups.join('\n')}\n${weeks(steps, colours)}\n${proved(proof, colours)}`;
}

function weeks(steps: readonly Step[], colours: Paint): string {
  const rows = steps.map((step) => ({
    ...step,
    label: `S+${String(step.week)}`,
    what: `${step.environment} ${step.name}`,
  }));
  const width = Math.max(0, ...rows.map(({ what }) => what.length));
  return rows
    .map(({ label, what, moves, gate }) => {
      const targets = new Set(moves.map(({ target }) => target)).size;
      return `${label.padEnd(5)} ${what.padEnd(width)}  ${String(targets).padStart(4)} ${targets === 1 ? 'target ' : 'targets'}  ${colours.dim(`then: ${gate}`)}\n`;
    })
    .join('');
}

const shownCalls = 5;

function proved({ calls, moves, broken, undetermined }: PlanProof, colours: Paint): string {
  const breaking = new Set(broken.map(({ call }) => call)).size;
  const verdict =
    breaking === 0
      ? colours.green('none breaks')
      : colours.red(`${String(breaking)} ${breaking === 1 ? 'breaks' : 'break'}`);
  const lines = undetermined
    .slice(0, shownCalls)
    .map(
      ({ call, environment, reason }) =>
        `  ${visible(call)}  ${colours.dim(visible(`${environment}: ${reason}`))}\n`,
    );
  const more = undetermined.length - shownCalls;
  const rest = more > 0 ? `  ${colours.dim(`and ${String(more)} more; --json has them all`)}\n` : '';
  const unknown =
    undetermined.length === 0
      ? ''
      : `Undetermined, ${String(undetermined.length)}:\n${lines.join('')}${rest}`;
  return `Simulated ${String(moves)} ${moves === 1 ? 'move' : 'moves'}, one after the other, with ${String(calls)} declared ${calls === 1 ? 'call' : 'calls'}: ${verdict}.\n${unknown}`;
}

/** The section of fleet.yaml; names are DNS labels, which YAML reads as text unless they look like something else. */
export function wavesAsYaml(waves: readonly Wave[]): string {
  if (waves.length === 0) return 'waves: []\n';
  const items = waves.map(({ name, why, namespaces }) => {
    const members = namespaces.map((each) => `      - ${quoted(each.name)} # ${each.why}\n`);
    return `  # ${why}\n  - name: ${quoted(name)}\n    namespaces:\n${members.join('')}`;
  });
  return `waves:\n${items.join('')}`;
}

function quoted(name: string): string {
  return /^[a-z][a-z0-9-]*$/.test(name) && !/^(?:true|false|null|yes|no|on|off|y|n)$/.test(name)
    ? name
    : `"${name}"`;
}

/** A Gantt chart, a week a step.
 *  @param start  first day, `2026-12-01`
 *  @see https://mermaid.js.org/syntax/gantt.html */
export function wavesAsMermaid(steps: readonly Step[], start: string): string {
  const lines = ['gantt', '  title Into the mesh', '  dateFormat YYYY-MM-DD', '  axisFormat %d %b'];
  let environment = '';
  for (const step of steps) {
    if (step.environment !== environment) lines.push(`  section ${mermaid(step.environment)}`);
    environment = step.environment;
    const kind = step.what === 'wave' ? '' : 'crit, ';
    const count = new Set(step.moves.map(({ target }) => target)).size;
    const begin = step.week === 0 ? start : `after s${String(step.week - 1)}`;
    const label = `S+${String(step.week)} ${mermaid(step.name)} (${String(count)})`;
    lines.push(`  ${label} :${kind}s${String(step.week)}, ${begin}, 7d`);
  }
  return `${lines.join('\n')}\n`;
}
