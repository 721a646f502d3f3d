import { serversOf } from '../../../mesh/gateway-servers.ts';
import { boundToGateway } from '../../../mesh/virtual-services.ts';
import { rule } from '../../rule.ts';

export default rule({
  id: 'gateway-open-to-all-namespaces',
  severity: 'info',
  kinds: ['Gateway', 'VirtualService'],
  summary: 'a shared Gateway on which any namespace can claim any host',
  why: 'With the host `*`, anyone who can write a VirtualService in any namespace can serve every host on the gateway, including those of other teams and the login page. `shop/*` still works behind a load balancer without SNI, but lets only VirtualServices in `shop` bind. Only Gateways that other namespaces use are reported.',
  fix: 'List `<namespace>/*` for each namespace that has routes, instead of `*`.',
  equivalent: [],
  see: ['https://istio.io/latest/docs/reference/config/networking/gateway/#Server'],
  *check(inventory) {
    for (const resource of inventory.of('Gateway')) {
      const key = `${resource.namespace}/${resource.name}`;
      const namespaces = new Set(boundToGateway(key, inventory).map((view) => view.resource.namespace));
      const isShared =
        inventory.settings.gateways?.some(({ gateway }) => gateway === key) === true ||
        [...namespaces].some((namespace) => namespace !== resource.namespace);
      if (!isShared) continue;
      const open = serversOf(resource)
        .flatMap(({ hosts }) => hosts)
        .find(({ namespace, dns }) => namespace === '*' && dns === '*');
      if (open === undefined) continue;
      const wanted = [...namespaces]
        .sort()
        .slice(0, 5)
        .map((namespace) => `"${namespace}/*"`);
      yield {
        resource,
        path: open.path,
        message: `The host "${open.text}" lets VirtualServices in any namespace claim any host.`,
        ...(wanted.length > 0 && {
          fix: `List ${wanted.join(', ')} instead${namespaces.size > 5 ? ', and so on' : ''}.`,
        }),
      };
    }
  },
});
