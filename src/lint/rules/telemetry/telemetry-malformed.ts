import { isObject } from '../../../model/json.ts';
import { entriesIn, partsIn, specOf } from '../../facts/part.ts';
import { quoted } from '../../facts/syntax.ts';
import { rule } from '../../rule.ts';

export default rule({
  id: 'telemetry-malformed',
  severity: 'error',
  kinds: ['Telemetry'],
  summary: 'a Telemetry with an unnamed tag, or with a tag whose operation and value contradict each other',
  why: 'The CRD or the webhook rejects it. UPSERT, the default, requires a `value`, and REMOVE does not allow one. More than one entry in `tracing`, or more than one provider in it, is accepted with a warning, and only the first is used.',
  fix: 'Give each tag a value, and set one tracing provider.',
  equivalent: ['IST0106', 'IST0133'],
  see: ['https://istio.io/latest/docs/reference/config/telemetry/'],
  *check(inventory) {
    for (const resource of inventory.of('Telemetry')) {
      const spec = specOf(resource);
      const tracing = [...partsIn(spec, 'tracing')];
      if (tracing[1] !== undefined)
        yield {
          resource,
          path: tracing[1].path,
          severity: 'warning',
          message: 'Istio uses only the first entry in "tracing".',
        };
      for (const each of tracing) {
        const second = [...partsIn(each, 'providers')][1];
        if (second !== undefined)
          yield {
            resource,
            path: second.path,
            severity: 'warning',
            message: 'Istio uses only the first tracing provider.',
          };
      }
      for (const { path, key, value } of entriesIn(spec, 'metrics', 'overrides', 'tagOverrides')) {
        if (!isObject(value)) continue;
        const { operation = 'UPSERT', value: said } = value;
        if (operation === 'UPSERT' && (said === undefined || said === null || said === ''))
          yield {
            resource,
            path,
            at: 'key',
            message: `The tag ${quoted(key)} has the operation UPSERT but no value.`,
          };
        if (operation === 'REMOVE' && said !== undefined && said !== null)
          yield {
            resource,
            path: [...path, 'value'],
            at: 'key',
            message: `The tag ${quoted(key)} has the operation REMOVE, which does not allow a value.`,
          };
      }
      for (const { path, key, value } of entriesIn(spec, 'tracing', 'customTags')) {
        if (key === '') yield { resource, path, at: 'key', message: 'A tag has an empty name.' };
        if (!isObject(value)) continue;
        for (const [kind, field] of [
          ['literal', 'value'],
          ['header', 'name'],
          ['environment', 'name'],
        ] as const)
          for (const { path: at, value: inside } of partsIn({ path, value }, kind))
            if (inside[field] === '')
              yield {
                resource,
                path: [...at, field],
                message: `The tag ${quoted(key)} has an empty ${field}.`,
              };
      }
    }
  },
});
