import { listAt, stringAt, stringsAt, type JsonObject } from '../../src/model/json.ts';
import type { ExternalCallSpec } from '../../src/model/fleet.ts';
import type { ReconcileAction } from '../../src/model/generator.ts';
import { isAddress } from '../../src/k8s/address.ts';
import { covers } from '../../src/k8s/host.ts';
import { generator, isNamed, manifestsOf, problemAt, specOf } from '../shared.ts';
import type { Problem } from '../../src/model/problem.ts';

/** Registers the hosts outside the cluster that the namespace calls, so that REGISTRY_ONLY lets them through.
 *  @see https://istio.io/latest/docs/reference/config/networking/service-entry/ */
export default generator({
  id: 'istio-serviceentry',
  why: () => 'external hosts stay reachable when only registered hosts are',
  owned: {
    file: 'istio-serviceentry.yaml',
    template: 'namespace/istio-serviceentry.yaml.hbs',
    role: { kind: 'resource' },
    view: (spec) =>
      spec.external.length === 0
        ? undefined
        : {
            namespace: spec.namespace,
            entries: spec.external.map((call) => ({
              name: entryName(call.host),
              ...(isAddress(call.host) ? ofAddress(call) : ofName(call)),
            })),
          },
  },
  reconcile(wanted, spec, tree) {
    const actions: ReconcileAction[] = [];
    const problems: Problem[] = [];
    const present = manifestsOf(tree, spec, 'networking.istio.io', 'ServiceEntry');
    for (const [index, entry] of wanted.entries()) {
      const host = stringsAt(entry, 'spec', 'hosts')[0] ?? '';
      const found = present.find((each) =>
        stringsAt(each.built, 'spec', 'hosts').some((known) => covers(known, host)),
      );
      const name = stringAt(entry, 'metadata', 'name') ?? '';
      const taken = present.find((each) => isNamed(each, name));
      if (found === undefined && taken !== undefined)
        problems.push(
          problemAt(taken, ['metadata', 'name'], {
            rule: 'bundle-name-taken',
            severity: 'error',
            message: `A ServiceEntry "${name}" exists for other hosts, so none can be added for ${host}.`,
            fix: `Add ${host} to its hosts, or rename it.`,
          }),
        );
      else if (found === undefined) actions.push({ do: 'add', index });
      else {
        const known = listAt(specOf(found), 'ports').map((port) => (port as JsonObject).number);
        const missing = listAt(entry, 'spec', 'ports').filter(
          (port) => !known.includes((port as JsonObject).number),
        );
        if (missing.length > 0)
          actions.push({
            do: 'edit',
            manifest: found,
            edits: missing.map((value) => ({ op: 'append', path: ['spec', 'ports'], value })),
            why: `it did not have a port of ${host}`,
          });
      }
    }
    return { actions, problems };
  },
});

function ofName(call: ExternalCallSpec): object {
  return {
    host: call.host,
    addresses: call.addresses,
    ports: call.ports.map(({ number, protocol }) => ({
      number,
      name: `${protocol}-${String(number)}`,
      protocol: istioProtocol(protocol),
    })),
    resolution: resolutionOf(call),
  };
}

/** An address without a name, such as that of a metadata service: the proxy takes what goes there, whatever is spoken, and
 *  passes it on. Istio asks for a name all the same; this one resolves nowhere, and nobody looks it up.
 *  @see https://www.rfc-editor.org/rfc/rfc6761#section-6.4 */
function ofAddress({ host, ports }: ExternalCallSpec): object {
  return {
    host: `${host.replaceAll('.', '-')}.address.invalid`,
    addresses: [host],
    ports: ports.map(({ number }) => ({ number, name: `tcp-${String(number)}`, protocol: 'TCP' })),
    resolution: 'NONE',
  };
}

function entryName(host: string): string {
  return `external-${host
    .replace(/^\*\./, 'any-')
    .toLowerCase()
    .replace(/[^a-z0-9.-]/g, '-')}`.slice(0, 253);
}

/** A wildcard has no address to look up, and a network is no single one: the proxy passes traffic on to where the client
 *  resolved it. (The CRD refuses networks with DNS.) */
function resolutionOf(call: ExternalCallSpec): 'DNS' | 'NONE' {
  const isMany = call.host.startsWith('*') || call.addresses.some((address) => address.includes('/'));
  return isMany ? 'NONE' : 'DNS';
}

function istioProtocol(protocol: string): string {
  return protocol.toUpperCase();
}
