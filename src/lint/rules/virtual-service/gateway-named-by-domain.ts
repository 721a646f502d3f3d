import { listAt } from '../../../model/json.ts';
import type { YamlPath } from '../../../model/json.ts';
import type { Resource } from '../../../model/resource.ts';
import { hasPlaceholder } from '../../../mesh/placeholder.ts';
import { nameMistake } from '../../facts/syntax.ts';
import { resolveGateway } from '../../../k8s/gateway-name.ts';
import { rule } from '../../rule.ts';

export default rule({
  id: 'gateway-named-by-domain',
  severity: 'warning',
  kinds: ['VirtualService'],
  summary: 'a VirtualService that refers to its Gateway by a DNS name',
  why: 'Gateways have no DNS names. Istio still accepts the form `name.namespace.svc.cluster.local` for old configuration and splits it at the dots, but istiod warns about it, and other tools do not find the Gateway.',
  fix: 'Use `<namespace>/<name>`.',
  equivalent: ['KIA1108', 'IST0133'],
  see: [
    'https://istio.io/latest/docs/reference/config/networking/virtual-service/#VirtualService',
    'https://kiali.io/docs/features/validations/',
  ],
  *check(inventory) {
    for (const resource of inventory.of('VirtualService'))
      for (const { text, path } of gatewayTexts(resource)) {
        if (text.includes('/') || !text.includes('.') || hasPlaceholder(text)) continue;
        const { namespace, name } = resolveGateway(text, resource.namespace);
        // gateway-name-malformed reports invalid names.
        if (namespace === '' || name === '' || nameMistake(text) !== undefined) continue;
        const value = `${namespace}/${name}`;
        yield {
          resource,
          path,
          message: `"${text}" refers to the Gateway ${value} by a DNS name, which is deprecated.`,
          fix: `Use ${value}.`,
          edits: [{ op: 'set', path, value }],
        };
      }
  },
});

function gatewayTexts({ spec }: Resource): readonly { readonly text: string; readonly path: YamlPath }[] {
  const lists = [
    { path: ['spec', 'gateways'], list: listAt(spec, 'gateways') },
    ...['http', 'tls', 'tcp'].flatMap((kind) =>
      listAt(spec, kind).flatMap((route, at) =>
        listAt(route, 'match').map((match, index) => ({
          path: ['spec', kind, at, 'match', index, 'gateways'],
          list: listAt(match, 'gateways'),
        })),
      ),
    ),
  ];
  return lists.flatMap(({ path, list }) =>
    list.flatMap((text, index) => (typeof text === 'string' ? [{ text, path: [...path, index] }] : [])),
  );
}
