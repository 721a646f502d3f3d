import { listAt, objectAt, stringAt, valueAt, type YamlPath } from '../model/json.ts';
import type { Resource } from '../model/resource.ts';
import type { Inventory } from './inventory.ts';

/** A Service that the Kubernetes API server calls, from outside of the mesh: a webhook, or an API of its own. */
interface ApiServerCall {
  readonly resource: Resource;
  /** Where it is named. */
  readonly path: YamlPath;
  readonly name: string;
  readonly namespace: string;
  readonly port: number;
  /** What it asks for. */
  readonly url: string | undefined;
}

/** @see https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/ */
export function* apiServerCalls(inventory: Inventory): Iterable<ApiServerCall> {
  for (const kind of ['ValidatingWebhookConfiguration', 'MutatingWebhookConfiguration'] as const)
    for (const resource of inventory.of(kind))
      for (const index of listAt(resource.value, 'webhooks').keys())
        yield* callAt(resource, ['webhooks', index, 'clientConfig', 'service']);
  for (const resource of inventory.of('APIService')) yield* callAt(resource, ['spec', 'service']);
  const conversion = ['spec', 'conversion', 'webhook', 'clientConfig', 'service'];
  for (const resource of inventory.of('CustomResourceDefinition')) yield* callAt(resource, conversion);
}

function* callAt(resource: Resource, path: YamlPath): Iterable<ApiServerCall> {
  const named = objectAt(resource.value, ...path);
  const { name, namespace } = named;
  const port = valueAt(named, 'port') ?? 443;
  if (typeof name !== 'string' || typeof namespace !== 'string' || typeof port !== 'number') return;
  yield { resource, path: [...path, 'name'], name, namespace, port, url: stringAt(named, 'path') };
}
