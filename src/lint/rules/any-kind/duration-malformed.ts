import { isList, isObject, type JsonValue, type YamlPath } from '../../../model/json.ts';
import { hasPlaceholder } from '../../../mesh/placeholder.ts';
import { parseGoDuration } from '../../../k8s/duration.ts';
import { quoted } from '../../facts/syntax.ts';
import { schemaOf, shapedKinds, type Schema } from '../../schema/schema.ts';
import { rule } from '../../rule.ts';

export default rule({
  id: 'duration-malformed',
  severity: 'error',
  kinds: shapedKinds,
  summary:
    'a duration that has no unit or an unknown one (1d), is shorter than 1ms, or is not a whole number of milliseconds',
  why: "The CRD and istiod's webhook reject the object. `timeout: 0s` is rejected too: to disable a timeout, omit the field. Only the idle timeout of TCP connections accepts 0s, which means never.",
  fix: 'Write a number with a unit (ms, s, m or h), such as `500ms` or `1m30s`.',
  equivalent: ['IST0106'],
  see: [
    'https://istio.io/latest/docs/reference/config/analysis/ist0106/',
    'https://protobuf.dev/reference/protobuf/google.protobuf/#duration',
  ],
  *check(inventory) {
    for (const kind of shapedKinds)
      for (const resource of inventory.of(kind)) {
        const schema = schemaOf(resource);
        if (schema === undefined) continue;
        for (const { path, text, mayBeZero } of durationsIn(schema, resource.value, [])) {
          const mistake = mistakeOf(text, mayBeZero);
          if (mistake === undefined) continue;
          yield {
            resource,
            path,
            message: `"${String(path.at(-1))}" can't be ${quoted(text)}: the duration ${mistake}.`,
          };
        }
      }
  },
});

interface Duration {
  readonly path: YamlPath;
  readonly text: string;
  readonly mayBeZero: boolean;
}

function* durationsIn(schema: Schema, value: JsonValue, path: YamlPath): Iterable<Duration> {
  const { format, properties = {}, items } = schema;
  if (typeof value === 'string' && format !== undefined && !hasPlaceholder(value))
    yield { path, text: value, mayBeZero: format === 'duration-or-zero' };
  if (isObject(value))
    for (const [key, each] of Object.entries(value)) {
      const below = Object.hasOwn(properties, key) ? properties[key] : undefined;
      if (below !== undefined && typeof each !== 'number' && hasDurations(below))
        yield* durationsIn(below, each, [...path, key]);
    }
  if (isList(value) && items !== undefined)
    for (const [index, each] of value.entries()) yield* durationsIn(items, each, [...path, index]);
}

const known = new WeakMap<Schema, boolean>();

/** Whether a duration can be anywhere below: most of an object is passed over. */
function hasDurations(schema: Schema): boolean {
  const { format, properties = {}, items } = schema;
  const found =
    known.get(schema) ??
    (format !== undefined ||
      Object.values(properties).some(hasDurations) ||
      (items !== undefined && hasDurations(items)));
  known.set(schema, found);
  return found;
}

const oneMillisecond = 1_000_000n;

function mistakeOf(text: string, mayBeZero: boolean): string | undefined {
  const nanoseconds = parseGoDuration(text);
  if (nanoseconds === undefined)
    return /^\s*\d+\s*$/.test(text) ? 'has no unit' : 'is not a number with a unit (ms, s, m or h)';
  if (mayBeZero && nanoseconds < oneMillisecond && nanoseconds >= 0n) return undefined;
  if (nanoseconds < oneMillisecond) return 'is shorter than 1ms';
  return nanoseconds % oneMillisecond === 0n ? undefined : 'is not a whole number of milliseconds';
}
