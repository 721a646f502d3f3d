import { parseGoBool } from '../k8s/istio-boolean.ts';
import { valueAt } from '../model/json.ts';
import { compareMinors, istioReleases, minorOf } from './control-plane.ts';
import type { Inventory } from './inventory.ts';
import type { Workload } from './workload.ts';

/** Whether a workload's sidecar is a native one: an init container that the kubelet starts before, and ends after, the
 *  others. Since Istio 1.27 that is the default where nodes are Kubernetes 1.33 or newer, as all supported ones are.
 *  @returns undefined: Istio's version is not known
 *  @see https://istio.io/latest/blog/2023/native-sidecars/ */
export function hasNativeSidecar(workload: Workload, inventory: Inventory): boolean | undefined {
  const said = workload.annotations['sidecar.istio.io/nativeSidecar'];
  if (said === 'true' || said === 'false') return said === 'true';
  return inventory.once(ofMesh);
}

function ofMesh(inventory: Inventory): boolean | undefined {
  for (const { values } of istioReleases(inventory)) {
    const found =
      valueAt(values, 'pilot', 'env', 'ENABLE_NATIVE_SIDECARS') ??
      valueAt(values, 'env', 'ENABLE_NATIVE_SIDECARS');
    const isOn = typeof found === 'string' ? parseGoBool(found) : found;
    if (typeof isOn === 'boolean') return isOn;
  }
  const minor = minorOf(inventory.settings.istioVersion);
  return minor === undefined ? undefined : compareMinors(minor, '1.27') >= 0;
}
