import { listAt, stringAt, type YamlPath } from '../model/json.ts';
import { serviceHost, serviceInHost } from './host.ts';
import type { Inventory } from './inventory.ts';
import { hasLabels } from './selector.ts';
import type { Service } from './service.ts';
import type { Workload } from './workload.ts';

/** A Service that a container's environment or arguments name: evidence of a call. */
export interface ServiceMention {
  readonly path: YamlPath;
  readonly text: string;
  readonly service: Service;
  /** Of the Service; undefined: not named, and it has several. */
  readonly port: number | undefined;
}

/** Longer texts are read up to here. */
const maxLength = 2000;

/** The Services, of those read, that a workload's containers name as `svc.namespace`, in a URL, or with a port it has. */
export function serviceMentions(workload: Workload, inventory: Inventory): readonly ServiceMention[] {
  const known = inventory.once('service mentions', () => new Map<Workload, readonly ServiceMention[]>());
  const found =
    known.get(workload) ?? [...textsOf(workload)].flatMap((text) => inText(text, workload, inventory));
  known.set(workload, found);
  return found;
}

interface PlacedText {
  readonly path: YamlPath;
  readonly text: string;
}

function* textsOf({ containers }: Workload): Iterable<PlacedText> {
  for (const { path, value } of containers) {
    for (const [index, each] of listAt(value, 'env').entries()) {
      const text = stringAt(each, 'value');
      if (text !== undefined) yield { path: [...path, 'env', index, 'value'], text };
    }
    for (const key of ['command', 'args'])
      for (const [index, text] of listAt(value, key).entries())
        if (typeof text === 'string') yield { path: [...path, key, index], text };
  }
}

function inText(
  { path, text }: PlacedText,
  workload: Workload,
  inventory: Inventory,
): readonly ServiceMention[] {
  const found: ServiceMention[] = [];
  const hosts = /(:\/\/(?:[^/@\s]{0,100}@)?)?([a-z0-9][a-z0-9.-]{0,253})(?::(\d{1,5}))?/gi;
  for (const [, scheme, host = '', digits] of text.slice(0, maxLength).matchAll(hosts)) {
    const written = digits === undefined ? undefined : Number(digits);
    const service = serviceNamed(host.toLowerCase(), scheme !== undefined, written, workload, inventory);
    if (service === undefined || isOwn(service, workload)) continue;
    const [only, ...more] = service.ports;
    const port = written ?? (more.length === 0 ? only?.number : undefined);
    found.push({ path, text: host, service, port });
  }
  return found;
}

function serviceNamed(
  host: string,
  hasScheme: boolean,
  port: number | undefined,
  { namespace }: Workload,
  inventory: Inventory,
): Service | undefined {
  const { clusterDomain } = inventory.settings;
  const named = host.includes('.') ? serviceInHost(host, clusterDomain) : { service: host, namespace };
  if (named === undefined || (!host.includes('.') && !hasScheme && port === undefined)) return undefined;
  const service = inventory.serviceAt(serviceHost(named.service, named.namespace, clusterDomain));
  if (service === undefined || service.externalName !== undefined) return undefined;
  return port === undefined || service.ports.some(({ number }) => number === port) ? service : undefined;
}

function isOwn({ namespace, selector }: Service, workload: Workload): boolean {
  return namespace === workload.namespace && selector !== undefined && hasLabels(workload.labels, selector);
}
