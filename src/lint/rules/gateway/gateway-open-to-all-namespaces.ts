import { serversOf } from '../../../mesh/gateway-servers.ts';
import { boundToGateway } from '../../../mesh/virtual-services.ts';
import { rule } from '../../rule.ts';

export default rule({
  id: 'gateway-open-to-all-namespaces',
  severity: 'info',
  kinds: ['Gateway', 'VirtualService'],
  summary: 'a shared Gateway on which any namespace may claim any host',
  why: "With the host `*`, whoever may write a VirtualService in some namespace may answer for every host name of the gateway, other teams' and the login page included. `shop/*` keeps the behaviour that a load balancer without SNI needs, and lets only VirtualServices of `shop` bind. Said only of Gateways that other namespaces use.",
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
        message: `The host "${open.text}" lets a VirtualService of any namespace claim any host.`,
        ...(wanted.length > 0 && {
          fix: `List ${wanted.join(', ')} instead${namespaces.size > 5 ? ', and so on' : ''}.`,
        }),
      };
    }
  },
});
