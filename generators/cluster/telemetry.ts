import { escapeForFlux } from '../../src/k8s/substitution.ts';
import { clusterGenerator } from './shared.ts';

/** Tracing of the whole mesh; a provider without a collector would lose spans in silence, so it comes with one only.
 *  @see https://istio.io/latest/docs/tasks/observability/distributed-tracing/opentelemetry/ */
export default clusterGenerator({
  id: 'telemetry',
  part: 'config',
  why: () => 'traces of the whole mesh',
  owned: {
    file: 'telemetry.yaml',
    template: 'cluster/telemetry.yaml.hbs',
    role: { kind: 'resource' },
    view: ({ mesh, controlPlane }) =>
      controlPlane.tracing === undefined
        ? undefined
        : {
            rootNamespace: mesh.rootNamespace,
            // Istio's reference: a number with at most two decimal places.
            sampling: Math.round(controlPlane.tracing.sampling * 100) / 100,
            tags: Object.entries(controlPlane.tracing.tags).map(([name, value]) => ({
              name,
              value: escapeForFlux(value),
            })),
          },
  },
});
