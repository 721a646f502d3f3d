import { isObject, listAt } from '../../../model/json.ts';
import { rule } from '../../rule.ts';

export default rule({
  id: 'access-log-without-provider',
  severity: 'warning',
  kinds: ['Telemetry', 'HelmRelease', 'IstioOperator', 'ConfigMap'],
  summary: 'Telemetry access logging without a provider in a mesh without a default one',
  why: 'Without a provider there is nowhere to write to: the object is accepted but logs nothing. If the mesh configuration was not read, the severity is info, since it may set `defaultProviders.accessLogging`.',
  fix: 'Set a provider, such as `envoy`, which writes to the standard output of the proxy.',
  equivalent: ['IST0157'],
  see: [
    'https://istio.io/latest/docs/reference/config/analysis/ist0157/',
    'https://istio.io/latest/docs/tasks/observability/logs/telemetry-api/',
  ],
  *check(inventory) {
    const { hasAccessLogging } = inventory.settings;
    if (hasAccessLogging === true) return;
    for (const resource of inventory.of('Telemetry'))
      for (const [index, logging] of listAt(resource.spec, 'accessLogging').entries()) {
        if (!isObject(logging) || logging.disabled === true || listAt(logging, 'providers').length > 0)
          continue;
        yield {
          resource,
          path: ['spec', 'accessLogging', index],
          message:
            hasAccessLogging === undefined
              ? 'No provider is set, so this logs only if the mesh has a default provider.'
              : 'No provider is set and the mesh has no default one, so nothing is logged.',
          ...(hasAccessLogging === undefined && { severity: 'info' }),
        };
      }
  },
});
