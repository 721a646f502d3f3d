import type { MeshSettings } from './settings.ts';
import type { Workload } from './workload.ts';

/** Whether pods made from a template get a sidecar, and the label or rule that decides. */
export type Injection =
  | { readonly isInjected: true; readonly by: string }
  | { readonly isInjected: false; readonly why: string }
  /** It depends on what is not known: the label of a Namespace that was not read, the control plane's revisions. */
  | { readonly isInjected: undefined; readonly why: string };

/** What injection depends on beside the workload itself; an Inventory has it. */
interface InjectionFacts {
  readonly settings: Pick<MeshSettings, 'revisions'>;
  /** undefined: the Namespace was not read. */
  namespaceLabels(name: string): Readonly<Record<string, string>> | undefined;
}

/** Namespaces that the injector never looks at. */
const neverInjected: ReadonlySet<string> = new Set([
  'kube-system',
  'kube-public',
  'kube-node-lease',
  'local-path-storage',
]);

/** Follows the injector's webhooks: labels of the namespace, then of the pod. What counts is the moment when a pod is
 *  created; pods that run already stay as they are.
 *  @see https://istio.io/latest/docs/setup/additional-setup/sidecar-injection/#controlling-the-injection-policy */
export function injectionOf(workload: Workload, facts: InjectionFacts): Injection {
  if (workload.containers.some(({ name }) => name === 'istio-proxy'))
    return { isInjected: true, by: 'a container istio-proxy in its template' };
  return injectionAsked(workload, facts);
}

/** What the labels say, whatever is in the template already. */
export function injectionAsked(workload: Workload, facts: InjectionFacts): Injection {
  const { labels, annotations, namespace } = workload;
  if (workload.hostNetwork) return { isInjected: false, why: 'its pods use the network of their node' };
  if (neverInjected.has(namespace)) return { isInjected: false, why: `${namespace} is never injected` };
  const said = labels['sidecar.istio.io/inject'] ?? annotations['sidecar.istio.io/inject'];
  if (said === 'false') return { isInjected: false, why: 'sidecar.istio.io/inject is "false"' };
  const found = facts.namespaceLabels(namespace);
  const legacy = found?.['istio-injection'];
  if (legacy !== undefined)
    return legacy === 'enabled'
      ? byRevision('default', 'the label istio-injection of its namespace', facts)
      : { isInjected: false, why: `its namespace has istio-injection: ${legacy}` };
  const ofNamespace = found?.['istio.io/rev'];
  if (ofNamespace !== undefined)
    return byRevision(ofNamespace, 'the label istio.io/rev of its namespace', facts);
  const ofPod = labels['istio.io/rev'];
  if (ofPod !== undefined) return byRevision(ofPod, 'the label istio.io/rev of its pods', facts);
  if (labels['sidecar.istio.io/inject'] === 'true')
    return byRevision('default', 'the label sidecar.istio.io/inject of its pods', facts);
  return found === undefined
    ? { isInjected: undefined, why: `the Namespace ${namespace} was not read` }
    : { isInjected: false, why: 'neither its namespace nor its pods ask for a sidecar' };
}

function byRevision(revision: string, by: string, { settings }: InjectionFacts): Injection {
  if (settings.revisions === undefined || settings.revisions.includes(revision))
    return { isInjected: true, by };
  return { isInjected: false, why: `no control plane has the revision "${revision}"` };
}

/** The revision, or tag, that the labels ask for, in the injector's order; undefined: none do. */
export function askedRevision(
  { labels, namespace }: Pick<Workload, 'labels' | 'namespace'>,
  facts: InjectionFacts,
): string | undefined {
  const found = facts.namespaceLabels(namespace);
  if (found?.['istio-injection'] !== undefined) return 'default';
  const said = found?.['istio.io/rev'] ?? labels['istio.io/rev'];
  return said ?? (labels['sidecar.istio.io/inject'] === 'true' ? 'default' : undefined);
}
