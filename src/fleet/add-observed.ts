import type { YamlEdit } from '../model/edit.ts';
import { hasErrors, success, type Outcome, type Problem } from '../model/problem.ts';
import type { Observer } from '../model/traffic.ts';
import { editTexts } from './edit.ts';
import { fleetSchema } from './schema.ts';
import type { FleetTexts } from './texts.ts';
import { readWritten } from './written.ts';

/** Traffic of a service in some time, all of it from declared callers. */
export interface ObservedStatement {
  readonly namespace: string;
  readonly service: string;
  readonly source: Observer;
  /** ISO 8601. */
  readonly from: string;
  readonly until: string;
  /** Requests and connections to it. */
  readonly received: number;
}

/** States in the fleet's files what was observed of services; what was stated before of the same service is replaced.
 *  @returns the new texts, the very same when nothing is new; problem `fleet-observed-not-added` */
export function addObserved(
  texts: FleetTexts,
  statements: readonly ObservedStatement[],
): Outcome<FleetTexts> {
  if (statements.length === 0) return success(texts);
  const written = readWritten(texts);
  if (!written.ok) return written;
  const file = fleetSchema.parse(written.value.value);
  const problems: Problem[] = [];
  const edits: YamlEdit[] = [];
  for (const { namespace, service, source, from, until, received } of statements) {
    const index = file.namespaces.findIndex(({ name }) => name === namespace);
    const at = (file.namespaces[index]?.services ?? []).findIndex(({ name }) => name === service);
    if (at < 0)
      problems.push({
        rule: 'fleet-observed-not-added',
        severity: 'warning',
        message: `Traffic of ${namespace}/${service} was recorded, but the fleet has no such service.`,
        fix: 'Declare the service with its ports (stage outside is enough), and import again.',
      });
    else
      edits.push({
        op: 'set',
        path: ['namespaces', index, 'services', at, 'observed'],
        value: { source, from, until, received },
      });
  }
  const edited = editTexts(texts, written.value, edits);
  if (!edited.ok) return { ok: false, problems: [...edited.problems, ...problems] };
  return hasErrors(problems) ? { ok: false, problems } : success(edited.value, problems);
}
