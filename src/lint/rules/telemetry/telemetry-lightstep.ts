import { listAt, stringAt } from '../../../model/json.ts';
import { extensionProviders } from '../../../mesh/mesh-config.ts';
import { rule } from '../../rule.ts';

export default rule({
  id: 'telemetry-lightstep',
  severity: 'warning',
  kinds: ['Telemetry', 'HelmRelease', 'IstioOperator', 'ConfigMap'],
  summary: 'tracing with a Lightstep provider',
  why: 'Istio deprecated the Lightstep provider because Envoy removed its tracer. Lightstep accepts OpenTelemetry instead.',
  fix: 'Define an `opentelemetry` provider, and use it in the Telemetry.',
  equivalent: ['IST0002'],
  see: [
    'https://istio.io/latest/docs/reference/config/analysis/ist0002/',
    'https://istio.io/latest/docs/tasks/observability/distributed-tracing/opentelemetry/',
  ],
  *check(inventory) {
    const providers = extensionProviders(inventory);
    for (const resource of inventory.of('Telemetry'))
      for (const [at, tracing] of listAt(resource.spec, 'tracing').entries())
        for (const [index, provider] of listAt(tracing, 'providers').entries()) {
          const name = stringAt(provider, 'name');
          if (name === undefined || providers.get(name)?.type !== 'lightstep') continue;
          yield {
            resource,
            path: ['spec', 'tracing', at, 'providers', index, 'name'],
            message: `"${name}" is a Lightstep provider, which is deprecated.`,
          };
        }
  },
});
