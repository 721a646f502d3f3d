import { stringsAt } from '../../../model/json.ts';
import { hasNativeSidecar } from '../../../mesh/native-sidecar.ts';
import { rule } from '../../rule.ts';

export default rule({
  id: 'job-with-sidecar',
  severity: 'info',
  kinds: ['Job', 'CronJob'],
  summary: 'a Job with a sidecar that keeps running after the Job is done',
  why: 'A classic sidecar keeps running when the job is done, so the pod never completes: the Job hangs, a CronJob hits its concurrency policy, and a Helm hook times out. Native sidecars terminate on their own; they are the default from Istio 1.27 with Kubernetes 1.33 or newer, and then the rule reports nothing. The severity is warning if native sidecars are known to be off, and info if the Istio version is not known.',
  fix: 'Enable native sidecars (annotation `sidecar.istio.io/nativeSidecar: "true"`), or keep the job out of the mesh with the label `sidecar.istio.io/inject: "false"` while nothing it calls is STRICT.',
  equivalent: [],
  see: [
    'https://istio.io/latest/blog/2023/native-sidecars/',
    'https://istio.io/latest/docs/reference/config/annotations/',
  ],
  *check(inventory) {
    for (const workload of inventory.workloads) {
      if (!workload.isJob || inventory.injectionOf(workload).isInjected !== true) continue;
      const isNative = hasNativeSidecar(workload, inventory);
      if (isNative === true) continue;
      const endsIt = workload.containers.some(({ value }) =>
        [...stringsAt(value, 'command'), ...stringsAt(value, 'args')].some((text) =>
          text.includes('quitquitquit'),
        ),
      );
      if (endsIt) continue;
      const { resource, name } = workload;
      yield {
        resource,
        path: ['metadata', 'name'],
        ...(isNative === false && { severity: 'warning' }),
        message:
          isNative === false
            ? `The sidecar of ${name} keeps running when the job is done, so the ${resource.kind} never completes.`
            : `The sidecar of ${name} terminates with the job only if it is a native sidecar, and the Istio version is not known here.`,
      };
    }
  },
});
