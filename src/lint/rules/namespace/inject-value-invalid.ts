import { objectAt, type YamlPath } from '../../../model/json.ts';
import type { Resource } from '../../../model/resource.ts';
import { hasPlaceholder } from '../../../mesh/placeholder.ts';
import { rule, type Finding } from '../../rule.ts';

const pod = { label: 'sidecar.istio.io/inject', values: ['true', 'false'] };
const ofNamespace = { label: 'istio-injection', values: ['enabled', 'disabled'] };

export default rule({
  id: 'inject-value-invalid',
  severity: 'warning',
  kinds: ['Namespace', 'Deployment', 'StatefulSet', 'DaemonSet', 'Job', 'CronJob', 'Pod', 'Rollout'],
  summary: 'a label for injection with a value that does not say what it seems to',
  why: 'A label is text: `sidecar.istio.io/inject: true` without quotes is a boolean, and the API server refuses the object. Of text, only "true" and "false" count; with "False" or "no" the pod is injected all the same. A Namespace that says `istio-injection: true` or `Enabled` is left out, for only "enabled" is yes.',
  fix: 'Write `"true"` or `"false"` in quotes; on a Namespace `enabled` or `disabled`.',
  equivalent: [],
  see: ['https://istio.io/latest/docs/setup/additional-setup/sidecar-injection/'],
  *check(inventory) {
    for (const resource of inventory.of('Namespace'))
      yield* judge(resource, ['metadata', 'labels'], ofNamespace);
    for (const { resource, templatePath } of inventory.workloads)
      for (const key of ['labels', 'annotations'])
        yield* judge(resource, [...templatePath, 'metadata', key], pod);
  },
});

function* judge(resource: Resource, path: YamlPath, { label, values }: typeof pod): Iterable<Finding> {
  const map = objectAt(resource.value, ...path);
  if (!Object.hasOwn(map, label)) return;
  const value = map[label];
  const place = { resource, path: [...path, label] };
  if (typeof value === 'boolean' || typeof value === 'number') {
    const text = label === ofNamespace.label ? (value === true ? 'enabled' : 'disabled') : String(value);
    yield {
      ...place,
      severity: 'error',
      message: `"${label}" is ${String(value)} without quotes, which is no text: the API server refuses the ${resource.kind}.`,
      fix: `Write ${label}: ${values.includes('true') ? `"${text}"` : text}.`,
      ...(typeof value === 'boolean' && { edits: [{ op: 'set', path: place.path, value: text }] }),
    };
    return;
  }
  if (typeof value !== 'string' || value === '' || hasPlaceholder(value) || values.includes(value)) return;
  yield {
    ...place,
    message: `"${label}: ${value}" is neither of ${values.join(' and ')}, and counts as ${label === ofNamespace.label ? '"disabled"' : 'if it were not there'}.`,
  };
}
