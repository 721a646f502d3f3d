import { listAt, stringAt, type YamlPath } from '../../../model/json.ts';
import type { Resource } from '../../../model/resource.ts';
import { ownProviders } from '../../../mesh/mesh-config.ts';
import { hasPlaceholder } from '../../../mesh/placeholder.ts';
import { rule } from '../../rule.ts';

export default rule({
  id: 'telemetry-provider-unknown',
  severity: 'warning',
  kinds: ['Telemetry', 'HelmRelease', 'IstioOperator', 'ConfigMap'],
  summary: 'a Telemetry with a provider that the mesh does not define',
  why: 'Istio looks up the name in `extensionProviders` of the mesh configuration. If it is not there, Istio silently sends nothing: no spans, no logs, no metrics. The rule applies only if that configuration was read.',
  fix: 'Define the provider in `meshConfig.extensionProviders`, or correct the name.',
  equivalent: [],
  see: [
    'https://istio.io/latest/docs/reference/config/telemetry/#ProviderRef',
    'https://istio.io/latest/docs/reference/config/istio.mesh.v1alpha1/#MeshConfig-ExtensionProvider',
  ],
  *check(inventory) {
    const { providers } = inventory.settings;
    if (providers === undefined) return;
    const known = new Set([...providers, ...ownProviders]);
    for (const resource of inventory.of('Telemetry'))
      for (const { name, path } of providersIn(resource)) {
        if (known.has(name) || hasPlaceholder(name)) continue;
        yield {
          resource,
          path,
          message: `The mesh does not define the provider "${name}", only ${[...known].join(', ')}.`,
        };
      }
  },
});

function providersIn({ spec }: Resource): readonly { readonly name: string; readonly path: YamlPath }[] {
  return ['tracing', 'metrics', 'accessLogging'].flatMap((key) =>
    listAt(spec, key).flatMap((each, at) =>
      listAt(each, 'providers').flatMap((provider, index) => {
        const name = stringAt(provider, 'name');
        return name === undefined ? [] : [{ name, path: ['spec', key, at, 'providers', index, 'name'] }];
      }),
    ),
  );
}
