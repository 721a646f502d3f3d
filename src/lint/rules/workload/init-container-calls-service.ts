import { stringAt, valueAt } from '../../../model/json.ts';
import { hasIstioCni } from '../../../mesh/control-plane.ts';
import { hasNativeSidecar } from '../../../mesh/native-sidecar.ts';
import { referencesOfWorkloads } from '../../../mesh/service-references.ts';
import { rule } from '../../rule.ts';

const exclusions = [
  'traffic.sidecar.istio.io/excludeOutboundPorts',
  'traffic.sidecar.istio.io/excludeOutboundIPRanges',
];

export default rule({
  id: 'init-container-calls-service',
  severity: 'info',
  kinds: ['Deployment', 'StatefulSet', 'DaemonSet', 'Job', 'CronJob', 'Pod', 'Rollout'],
  summary: 'an init container that calls a service before there is a proxy',
  why: 'A classic sidecar starts after all init containers. What they call sees plain text without an identity: a STRICT server resets it, a policy by principal refuses it, and the pod hangs in Init. With the CNI plug-in traffic is captured already and goes nowhere at all, which is a warning. Native sidecars start first; with them, the default since Istio 1.27, nothing is told.',
  fix: 'Turn on native sidecars; or with the CNI plug-in exclude the port with `traffic.sidecar.istio.io/excludeOutboundPorts`, or run the init container as user 1337.',
  equivalent: [],
  see: [
    'https://istio.io/latest/docs/setup/additional-setup/cni/',
    'https://istio.io/latest/blog/2023/native-sidecars/',
  ],
  *check(inventory) {
    const hasCni = hasIstioCni(inventory);
    for (const { resource, path, container, readBy, text, service } of referencesOfWorkloads(inventory)) {
      const [workload] = readBy;
      if (workload === undefined || container?.isInit !== true) continue;
      if (stringAt(container.value, 'restartPolicy') === 'Always') continue;
      if (valueAt(container.value, 'securityContext', 'runAsUser') === 1337) continue;
      if (exclusions.some((each) => workload.annotations[each] !== undefined)) continue;
      if (inventory.injectionOf(workload).isInjected !== true) continue;
      const isNative = hasNativeSidecar(workload, inventory);
      if (isNative === true) continue;
      yield {
        resource,
        path,
        ...(hasCni === true && isNative === false && { severity: 'warning' }),
        message:
          hasCni === true
            ? `The init container ${container.name} names ${text}, and has no network before the proxy runs.`
            : `The init container ${container.name} names ${text}, and would call ${service} in plain text, without an identity.`,
      };
    }
  },
});
