import { listAt, stringAt, valueAt } from '../model/json.ts';
import { keyOf } from '../model/key-of.ts';
import type { Manifest } from '../model/manifest.ts';

/** Kinds that every cluster has. Helm offline knows their groups and versions; a cluster lists each with its kind too.
 *  @see https://github.com/helm/helm/blob/main/pkg/action/action.go GetVersionSet */
const everywhere: Readonly<Record<string, string>> = {
  v1: 'ConfigMap Endpoints Event LimitRange Namespace Node PersistentVolume PersistentVolumeClaim Pod PodTemplate ReplicationController ResourceQuota Secret Service ServiceAccount',
  'admissionregistration.k8s.io/v1':
    'MutatingWebhookConfiguration ValidatingAdmissionPolicy ValidatingAdmissionPolicyBinding ValidatingWebhookConfiguration',
  'apiextensions.k8s.io/v1': 'CustomResourceDefinition',
  'apiregistration.k8s.io/v1': 'APIService',
  'apps/v1': 'ControllerRevision DaemonSet Deployment ReplicaSet StatefulSet',
  'autoscaling/v1': 'HorizontalPodAutoscaler',
  'autoscaling/v2': 'HorizontalPodAutoscaler',
  'batch/v1': 'CronJob Job',
  'certificates.k8s.io/v1': 'CertificateSigningRequest',
  'coordination.k8s.io/v1': 'Lease',
  'discovery.k8s.io/v1': 'EndpointSlice',
  'events.k8s.io/v1': 'Event',
  'flowcontrol.apiserver.k8s.io/v1': 'FlowSchema PriorityLevelConfiguration',
  'networking.k8s.io/v1': 'IPAddress Ingress IngressClass NetworkPolicy ServiceCIDR',
  'node.k8s.io/v1': 'RuntimeClass',
  'policy/v1': 'PodDisruptionBudget',
  'rbac.authorization.k8s.io/v1': 'ClusterRole ClusterRoleBinding Role RoleBinding',
  'scheduling.k8s.io/v1': 'PriorityClass',
  'storage.k8s.io/v1': 'CSIDriver CSINode CSIStorageCapacity StorageClass VolumeAttachment',
};

const ofEveryCluster: readonly string[] = Object.entries(everywhere).flatMap(([version, kinds]) =>
  kinds.split(' ').map((kind) => `${version}/${kind}`),
);

/** What custom resource definitions in Git add to a cluster. */
export interface CustomKinds {
  /** For `.Capabilities.APIVersions` of a chart: versions, and kinds of them; those of every cluster too. */
  readonly apiVersions: readonly string[];
  /** Whether objects of a kind live in no namespace; undefined: nothing in Git defines it. */
  isOfCluster(group: string, kind: string): boolean | undefined;
}

export function customKinds(manifests: readonly Manifest[]): CustomKinds {
  const versions = new Set<string>();
  const scopes = new Map<string, boolean>();
  for (const { group, kind, built } of manifests) {
    if (group !== 'apiextensions.k8s.io' || kind !== 'CustomResourceDefinition') continue;
    const [own, named] = [
      stringAt(built, 'spec', 'group') ?? '',
      stringAt(built, 'spec', 'names', 'kind') ?? '',
    ];
    scopes.set(keyOf(own, named), stringAt(built, 'spec', 'scope') === 'Cluster');
    for (const version of listAt(built, 'spec', 'versions')) {
      const name = stringAt(version, 'name') ?? '';
      const [short, long] = [`${own}/${name}`, `${own}/${name}/${named}`];
      if (valueAt(version, 'served') !== true || !/^[A-Za-z0-9./-]+$/.test(long)) continue;
      versions.add(short);
      versions.add(long);
    }
  }
  return {
    apiVersions: [...ofEveryCluster, ...[...versions].sort()],
    isOfCluster: (group, kind) => scopes.get(keyOf(group, kind)),
  };
}
