import { installedGateways, podsOfGateway, servicesOfGateway } from '../../../mesh/gateway-pods.ts';
import { hasPlaceholder } from '../../../mesh/placeholder.ts';
import { labelsAt } from '../../../k8s/selector.ts';
import { rule } from '../../rule.ts';

export default rule({
  id: 'gateway-selects-nothing',
  // istioctl calls it an error; from Git, another gateway may be installed by hand.
  severity: 'warning',
  kinds: ['Gateway', 'Deployment', 'DaemonSet', 'StatefulSet', 'Service', 'HelmRelease', 'IstioOperator'],
  summary: 'a Gateway whose selector takes none of the gateways that are installed',
  why: 'No proxy opens the port, so connections are refused, and every VirtualService bound to the Gateway is without effect. The label depends on how the gateway was installed: the `gateway` chart makes it from the name of its release, without `istio-` at its start. Judged only where some gateway is installed by what was read, and not for the east-west gateway, which a script of Istio installs.',
  fix: 'Select the labels that the pods of the gateway have.',
  equivalent: ['IST0101', 'KIA0302'],
  see: [
    'https://istio.io/latest/docs/reference/config/networking/gateway/#Gateway',
    'https://istio.io/latest/docs/setup/additional-setup/gateway/',
  ],
  *check(inventory) {
    const installed = installedGateways(inventory);
    if (installed.length === 0) return;
    const known = [...new Set(installed.flatMap(({ labels }) => labels.istio ?? labels.app ?? []))];
    for (const resource of inventory.of('Gateway')) {
      const selector = labelsAt(resource.spec, 'selector');
      const texts = Object.entries(selector).map(([key, value]) => `${key}: ${value}`);
      if (texts.length === 0 || texts.some(hasPlaceholder)) continue;
      // Installed by a script that comes with Istio, hardly ever from Git.
      if (selector.istio === 'eastwestgateway') continue;
      if (podsOfGateway(resource, inventory).length > 0) continue;
      if (servicesOfGateway(resource, inventory).length > 0) continue;
      yield {
        resource,
        path: ['spec', 'selector'],
        message: `The selector ${texts.join(', ')} takes no gateway's pods${known.length === 0 ? '' : `; installed ${known.length > 1 ? 'are' : 'is'} ${known.join(', ')}`}.`,
      };
    }
  },
});
