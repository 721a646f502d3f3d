import { externalHostsIn, isAddressOutside, type ExternalHost } from '../../k8s/external-hosts.ts';
import type { Inventory } from '../../mesh/inventory.ts';
import { hasPlaceholder } from '../../mesh/placeholder.ts';
import { addressName, readersOf } from '../../mesh/service-references.ts';
import type { Container } from '../../mesh/workload.ts';
import { isObject, listAt, stringAt, type YamlPath } from '../../model/json.ts';
import { keyOf } from '../../model/key-of.ts';
import type { Resource } from '../../model/resource.ts';
import type { Caller, Exit } from '../../model/traffic.ts';
import { evidenceAt, exitCollector } from '../entrance.ts';
import { servedHosts } from '../served-hosts.ts';
import { callerOf, textsIn } from '../ways.ts';

/** Hosts outside the cluster that variables, arguments, ConfigMaps and Helm values name: URLs, connection strings,
 *  `host:port`, bare addresses. Left out are the names under which the namespace itself is served, and what a variable says is
 *  for browsers. */
export default exitCollector({
  way: 'named-host',
  *find(inventory) {
    for (const workload of inventory.workloads) {
      const from = callerOf(workload, inventory);
      for (const container of workload.containers)
        for (const each of ofContainer(container))
          yield* exitsTo(each, workload.resource, workload.namespace, from, inventory);
    }
    yield* ofConfigMaps(inventory);
    for (const release of inventory.of('HelmRelease')) {
      const namespace = stringAt(release.spec, 'targetNamespace') ?? release.namespace;
      const from: Caller = { kind: 'account', namespace, serviceAccount: undefined };
      for (const { path, text } of textsIn(release.spec.values, ['spec', 'values'])) {
        const name = String(path.at(-1));
        if (isForBrowsers(name) || isImage(path)) continue;
        for (const found of externalHostsIn(text, addressName.test(name)))
          yield* exitsTo({ ...found, path, name, sibling: undefined }, release, namespace, from, inventory);
      }
    }
  },
});

interface Named extends ExternalHost {
  readonly path: YamlPath;
  /** Of the variable or the key. */
  readonly name: string;
  /** What a variable of the same stem says is the port. */
  readonly sibling: number | undefined;
}

function* ofContainer({ value, path }: Container): Iterable<Named> {
  const variables = new Map<string, string>();
  for (const variable of listAt(value, 'env')) {
    const name = stringAt(variable, 'name');
    const text = stringAt(variable, 'value');
    if (name !== undefined && text !== undefined) variables.set(name, expanded(text, variables));
  }
  for (const [index, variable] of listAt(value, 'env').entries()) {
    const name = stringAt(variable, 'name') ?? '';
    const text = variables.get(name);
    if (text === undefined || isForBrowsers(name)) continue;
    const stem = name.replace(/(?:HOST(?:NAME)?|ADDR(?:ESS)?|SERVER|ENDPOINT|URL)$/i, '');
    const said = variables.get(`${stem}PORT`);
    const sibling = said !== undefined && /^\d{1,5}$/.test(said) ? Number(said) : undefined;
    for (const line of text.split('\n'))
      for (const found of externalHostsIn(line, addressName.test(name)))
        yield { ...found, path: [...path, 'env', index, 'value'], name, sibling };
  }
  for (const key of ['command', 'args'])
    for (const [index, text] of listAt(value, key).entries()) {
      if (typeof text !== 'string') continue;
      for (const line of text.split('\n')) {
        const [, name = '', rest = line] = /^--?([\w.-]+)=(.*)$/.exec(line.trim()) ?? [];
        if (isForBrowsers(name) || /^\s*#/.test(line)) continue;
        for (const found of externalHostsIn(expanded(rest, variables), addressName.test(name)))
          yield { ...found, path: [...path, key, index], name, sibling: undefined };
      }
    }
}

/** Kubernetes puts earlier variables of the container for `$(NAME)`. */
function expanded(text: string, variables: ReadonlyMap<string, string>): string {
  return text.replace(/\$\(([\w.-]{1,100})\)/g, (whole, name: string) => variables.get(name) ?? whole);
}

function* ofConfigMaps(inventory: Inventory): Iterable<Exit> {
  const readers = readersOf(inventory);
  for (const resource of inventory.of('ConfigMap')) {
    const readBy = readers.get(keyOf(resource.namespace, resource.name)) ?? [];
    const { data } = resource.value;
    if (readBy.length === 0 || !isObject(data)) continue;
    for (const [key, text] of Object.entries(data)) {
      if (typeof text !== 'string' || text.length > 1_048_576) continue;
      const lines = text.split('\n');
      for (const line of lines) {
        // Of a file, only settings count: what else it says may be a comment, a page or a schema.
        const [, said = '', rest = ''] =
          /^\s*(?:- )?["']?([\w.-]{1,100})["']?\s*[:=]\s*(.*)$/.exec(line) ?? [];
        const isWhole = lines.filter((each) => each.trim() !== '').length === 1;
        const name = isWhole ? key : said;
        if (!isWhole && !addressName.test(name)) continue;
        if (isForBrowsers(name)) continue;
        const value = (isWhole ? line : rest).replace(/^["']|["'],?\s*$/g, '');
        for (const found of externalHostsIn(value, addressName.test(name)))
          for (const workload of readBy)
            yield* exitsTo(
              { ...found, path: ['data', key], name, sibling: undefined },
              resource,
              workload.namespace,
              callerOf(workload, inventory),
              inventory,
            );
      }
    }
  }
}

function* exitsTo(
  { host, port, scheme, path, name, sibling }: Named,
  resource: Resource,
  namespace: string,
  from: Caller,
  inventory: Inventory,
): Iterable<Exit> {
  if (isOfCluster(host, namespace, inventory)) return;
  const number = port ?? sibling ?? usualPort(name, host);
  yield {
    from,
    to: { kind: 'host', host, port: number },
    ...(scheme !== undefined && { protocol: isPlainHttp(scheme) ? ('http' as const) : ('tcp' as const) }),
    evidence: evidenceAt(resource, path, 'named-host'),
  };
}

function isPlainHttp(scheme: string): boolean {
  return scheme === 'http' || scheme === 'ws';
}

/** `svc.namespace` of a Service, or a name under which the namespace itself is served. */
function isOfCluster(host: string, namespace: string, inventory: Inventory): boolean {
  if (hasPlaceholder(host) || isAddressOutside(host)) return false;
  const parts = host.split('.');
  const [service = '', of = ''] = parts.length > 3 ? [] : parts.slice(-2);
  if (inventory.find('Service', of, service) !== undefined) return true;
  // The fleet has that namespace in other environments: the name is of a Service that is not on this cluster.
  if (parts.length === 2 && inventory.once(fleetNamespaces).has(of)) return true;
  if (parts.length <= 3 && inventory.find('Service', of, parts[0] ?? '') !== undefined) return true;
  return servedHosts(inventory).get(host)?.has(namespace) === true;
}

function fleetNamespaces({ fleet }: Inventory): ReadonlySet<string> {
  const targets = fleet?.fleet.targets ?? [];
  return new Set(targets.flatMap((target) => (target.kind === 'namespace' ? [target.namespace] : [])));
}

/** The ports that names of variables and of hosts hint at; TLS to anything else. */
const hints: readonly (readonly [RegExp, number])[] = [
  [/postgres|(?:^|_)pg|^pg/, 5432],
  [/mysql|mariadb/, 3306],
  [/mongo/, 27017],
  [/redis|valkey|elasticache|\.cache\./, 6379],
  [/kafka|bootstrap/, 9092],
  [/rabbit|amqp/, 5672],
  [/smtp|mail/, 587],
  [/ldap/, 389],
  [/169\.254\.|metadata/, 80],
];

function usualPort(name: string, host: string): number {
  const text = `${name} ${host}`.toLowerCase();
  return hints.find(([word]) => word.test(text))?.[1] ?? 443;
}

/** Names of what is shown to people, or compared with what browsers send: nobody calls it. */
function isForBrowsers(name: string): boolean {
  return /public|root_?url|redirect|callback|allowed|cors|origin|homepage|docs|logout|site|external_?url|frontend_?url|cookie|csp|referr?er|image$|repository$|registry|chart/i.test(
    name,
  );
}

function isImage(path: YamlPath): boolean {
  return path.some((step) => /^(?:image|images|registry|repository|imageRegistry)$/.test(String(step)));
}
