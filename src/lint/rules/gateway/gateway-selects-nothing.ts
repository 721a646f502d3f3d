import { installedGateways, podsOfGateway, servicesOfGateway } from '../../../mesh/gateway-pods.ts';
import { hasPlaceholder } from '../../../mesh/placeholder.ts';
import { labelsAt } from '../../../k8s/selector.ts';
import { rule } from '../../rule.ts';

export default rule({
  id: 'gateway-selects-nothing',
  // istioctl calls it an error; from Git, another gateway may be installed by hand.
  severity: 'warning',
  kinds: ['Gateway', 'Deployment', 'DaemonSet', 'StatefulSet', 'Service', 'HelmRelease', 'IstioOperator'],
  summary: 'a Gateway whose selector matches no installed gateway',
  why: 'No proxy opens the port, so connections are refused, and every VirtualService bound to the Gateway has no effect. The label depends on how the gateway was installed: the `gateway` chart derives it from the name of its release, without a leading `istio-`. The rule applies only if the files read install some gateway, and skips the east-west gateway, which an Istio script installs.',
  fix: "Select the labels of the gateway's pods.",
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
      // A script that comes with Istio installs it, hardly ever Git.
      if (selector.istio === 'eastwestgateway') continue;
      if (podsOfGateway(resource, inventory).length > 0) continue;
      if (servicesOfGateway(resource, inventory).length > 0) continue;
      yield {
        resource,
        path: ['spec', 'selector'],
        message: `The selector ${texts.join(', ')} matches no gateway that the files read install${known.length === 0 ? '' : `, only ${known.join(', ')}`}.`,
      };
    }
  },
});
