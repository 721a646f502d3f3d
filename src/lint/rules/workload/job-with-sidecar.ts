import { stringsAt } from '../../../model/json.ts';
import { hasNativeSidecar } from '../../../mesh/native-sidecar.ts';
import { rule } from '../../rule.ts';

export default rule({
  id: 'job-with-sidecar',
  severity: 'info',
  kinds: ['Job', 'CronJob'],
  summary: 'a Job with a sidecar that does not end with it',
  why: 'A classic sidecar runs on when the job is done, so the pod never completes: the Job hangs, a CronJob runs into its concurrency policy, a Helm hook times out. Native sidecars end by themselves; they are the default from Istio 1.27 on nodes with Kubernetes 1.33 or newer, and then nothing is told. It is a warning where they are known to be off, an info where the version of Istio is not known.',
  fix: 'Turn on native sidecars (annotation `sidecar.istio.io/nativeSidecar: "true"`), or keep the job out with the label `sidecar.istio.io/inject: "false"` while nothing it calls is STRICT.',
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
            ? `The sidecar of ${name} does not end with it, so the ${resource.kind} never completes.`
            : `The sidecar of ${name} ends with it only if it is a native one, and which version of Istio runs is not known here.`,
      };
    }
  },
});
