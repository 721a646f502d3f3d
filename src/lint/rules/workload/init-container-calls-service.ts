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
  summary: 'an init container that calls a service before the proxy runs',
  why: 'A classic sidecar starts after all init containers, so their calls are plaintext without an identity: a STRICT server resets them, a policy by principal denies them, and the pod hangs in Init. With the CNI plug-in, their traffic is already captured but nothing handles it, which is a warning. Native sidecars, the default since Istio 1.27, start first; with them the rule reports nothing.',
  fix: 'Enable native sidecars. Otherwise, with the CNI plug-in, exclude the port with `traffic.sidecar.istio.io/excludeOutboundPorts`, or run the init container as user 1337.',
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
            ? `The init container ${container.name} refers to ${text}, but has no network before the proxy runs.`
            : `The init container ${container.name} refers to ${text}; it would call ${service} in plaintext and without an identity.`,
      };
    }
  },
});
