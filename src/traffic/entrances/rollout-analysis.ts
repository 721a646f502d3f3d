import { listAt, stringAt, valueAt, type YamlPath } from '../../model/json.ts';
import { entranceCollector } from '../entrance.ts';
import { controllerCaller, namedCalls, textsIn } from '../ways.ts';

const rollouts = {
  name: 'Argo Rollouts',
  image: /(?:^|\/)argo-rollouts(?:[:@]|$)/,
  chart: /^argo-rollouts$/,
};

/** Metrics of Argo Rollouts' analysis: its controller asks for them, and jobs run in the namespace of the analysis.
 *  @see https://argo-rollouts.readthedocs.io/en/stable/features/analysis/ */
export default entranceCollector({
  way: 'rollout-analysis',
  *find(inventory) {
    for (const kind of ['AnalysisTemplate', 'ClusterAnalysisTemplate'] as const)
      for (const resource of inventory.of(kind))
        for (const [index, metric] of listAt(resource.spec, 'metrics').entries()) {
          const at: YamlPath = ['spec', 'metrics', index, 'provider'];
          const provider = valueAt(metric, 'provider');
          const pod = ['job', 'spec', 'template', 'spec'];
          const account = stringAt(provider, ...pod, 'serviceAccountName') ?? 'default';
          const isJob = valueAt(provider, ...pod) !== undefined;
          // A template for all namespaces does not say where its jobs run.
          const from = !isJob
            ? controllerCaller(rollouts, inventory)
            : kind === 'AnalysisTemplate'
              ? { kind: 'account' as const, namespace: resource.namespace, serviceAccount: account }
              : { kind: 'unknown' as const, name: `the jobs of ${resource.name}` };
          for (const each of textsIn(provider, at))
            yield* namedCalls(each, resource, from, 'rollout-analysis', inventory);
        }
  },
});
