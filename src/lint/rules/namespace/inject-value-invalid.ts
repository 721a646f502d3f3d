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
  summary: 'an injection label with an invalid value',
  why: 'A label value must be a string: `sidecar.istio.io/inject: true` without quotes is a boolean, and the API server rejects the object. Only "true" and "false" are recognized; with "False" or "no" the pod is still injected. A Namespace with `istio-injection: "true"` or `Enabled` is not injected, because only "enabled" enables injection.',
  fix: 'Use `"true"` or `"false"`, quoted; on a Namespace, `enabled` or `disabled`.',
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
  const location = { resource, path: [...path, label] };
  if (typeof value === 'boolean' || typeof value === 'number') {
    const text = label === ofNamespace.label ? (value === true ? 'enabled' : 'disabled') : String(value);
    yield {
      ...location,
      severity: 'error',
      message: `"${label}" must be a string, but ${String(value)} is not quoted: the API server rejects the ${resource.kind}.`,
      fix: `Set ${label}: ${values.includes('true') ? `"${text}"` : text}.`,
      ...(typeof value === 'boolean' && { edits: [{ op: 'set', path: location.path, value: text }] }),
    };
    return;
  }
  if (typeof value !== 'string' || value === '' || hasPlaceholder(value) || values.includes(value)) return;
  yield {
    ...location,
    message: `"${label}: ${value}" is neither ${values.join(' nor ')}, so Istio treats it as ${label === ofNamespace.label ? '"disabled"' : 'absent'}.`,
  };
}
