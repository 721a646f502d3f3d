import type { JsonValue } from '../model/json.ts';
import { printScalar, printValue } from '../yaml/print.ts';
import type { EnvironmentEntry, NamespaceEntry } from './schema.ts';

/** What is known when a fleet file is begun; the rest gets a placeholder that loads and a comment that says so. */
export interface Beginning {
  readonly istioVersion?: string | undefined;
  readonly revision?: string | undefined;
  readonly gatewayServiceAccount?: string | undefined;
  readonly environments?: readonly EnvironmentEntry[] | undefined;
  readonly forge?:
    { readonly kind: 'github' } | { readonly kind: 'local'; readonly directory: string } | undefined;
  readonly namespaces?: readonly NamespaceEntry[] | undefined;
}

/** A commented fleet file that loads as it is. */
export function starterFleet(beginning: Beginning = {}): string {
  const forge = beginning.forge ?? { kind: 'github' };
  const environments = beginning.environments ?? [
    { name: 'lab', domain: 'lab.example.com', clusters: ['lab-1'] },
  ];
  return `# yaml-language-server: $schema=fleet.schema.json
# Everything Meshwright needs to know. docs/FLEET.md explains each key; editors complete them from fleet.schema.json beside this file.
version: 1

mesh:
  # The exact version of the Istio charts: chart and istiod must be the same.
  istioVersion: ${printScalar(beginning.istioVersion ?? '1.30.3')}
  # The label istio.io/rev that namespaces get: a revision tag (better: it survives upgrades) or a revision.
  revision: ${printScalar(beginning.revision ?? 'stable')}
  gateway:
    # The service account of the shared gateway's pods. It depends on how the gateway was installed; look it up:
    #   kubectl -n istio-system get pods -l istio=ingressgateway -o jsonpath='{.items[0].spec.serviceAccountName}'
    serviceAccount: ${printScalar(beginning.gatewayServiceAccount ?? 'istio-ingressgateway')}
  # Services the proxies themselves call, such as a tracing collector:
  # providers:
  #   - opentelemetry-collector.observability

forge:
${indented(forge)}
  # labels: [istio]
  # reviewers: [acme/platform]

# In promotion order. {domain}, {environment} and {cluster} in paths and hosts take their values from here.
environments:
${indented(environments)}

# Defaults for every namespace.
defaults:
  # outside: untouched. joined: in the mesh, nothing is refused. enforced: policies, REGISTRY_ONLY and ISTIO_MUTUAL in force.
  stage: outside

${namespaces(beginning.namespaces ?? [])}`;
}

function namespaces(entries: readonly NamespaceEntry[]): string {
  if (entries.length > 0) return `namespaces:\n${indented(entries)}\n`;
  return `# Add one with: meshwright new
namespaces: []
#  - name: shop
#    repository: acme/shop
#    path: deploy/overlays/{environment} # the directory Flux builds
#    stage: joined
#    services:
#      - name: frontend
#        serviceAccount: frontend
#        ports: [8080]
#        hosts: ["shop.{domain}"]
#        calls: ["cart:7070", "payments/ledger:8080"]
#    external:
#      - host: api.example.com
#        ports: [443/https]
`;
}

function indented(value: object): string {
  return printValue(value as JsonValue, 2).join('\n');
}
