import { listAt, objectAt, stringAt, valueAt, type YamlPath } from '../model/json.ts';
import type { Resource } from '../model/resource.ts';

/** A Service that an Ingress leads to. */
interface IngressBackend {
  /** Where the Ingress names it. */
  readonly path: YamlPath;
  readonly name: string;
  /** Number or name; undefined: not said. */
  readonly port: number | string | undefined;
}

/** @see https://kubernetes.io/docs/reference/kubernetes-api/service-resources/ingress-v1/ */
export function ingressBackends({ spec }: Resource): readonly IngressBackend[] {
  const places: YamlPath[] = [['spec', 'defaultBackend']];
  for (const [at, each] of listAt(spec, 'rules').entries())
    for (const index of listAt(each, 'http', 'paths').keys())
      places.push(['spec', 'rules', at, 'http', 'paths', index, 'backend']);
  return places.flatMap((path) => {
    const backend = objectAt(spec, ...path.slice(1), 'service');
    const name = stringAt(backend, 'name');
    const port = valueAt(backend, 'port', 'number') ?? valueAt(backend, 'port', 'name');
    if (name === undefined) return [];
    const isPort = typeof port === 'number' || typeof port === 'string';
    return [{ path: [...path, 'service', 'name'], name, port: isPort ? port : undefined }];
  });
}

/** The path that leads to a backend; undefined: any, or one by a pattern. */
export function pathOf({ spec }: Resource, { path }: IngressBackend): string | undefined {
  const found = stringAt(spec, ...path.slice(1, -3), 'path');
  return found === undefined || found === '/' || /[()*[\]^$?]/.test(found) ? undefined : found;
}

/** The class of an Ingress, as field or annotation; undefined: the cluster's default. */
export function ingressClassOf({ spec, annotations }: Resource): string | undefined {
  return stringAt(spec, 'ingressClassName') ?? annotations['kubernetes.io/ingress.class'];
}

/** Whether a cloud's load balancer serves a class, from outside of the cluster; other controllers may have a sidecar. */
export function isCloudClass(name: string): boolean {
  return /^(alb|gce|azure)/.test(name);
}
