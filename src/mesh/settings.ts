/** What is true of a whole mesh. A field that nothing declares has Istio's default, and is not in `declared`.
 *  @see https://istio.io/latest/docs/reference/config/istio.mesh.v1alpha1/ */
export interface MeshSettings {
  readonly rootNamespace: string;
  readonly trustDomain: string;
  /** Further trust domains that principals may name. */
  readonly trustDomainAliases: readonly string[];
  readonly clusterDomain: string;
  readonly enableAutoMtls: boolean;
  readonly outboundTrafficPolicy: 'ALLOW_ANY' | 'REGISTRY_ONLY';
  readonly enablePrometheusMerge: boolean;
  /** Whether proxies resolve DNS and give addresses to ServiceEntries that have none. */
  readonly dnsCapture: boolean;
  /** Values of `istio.io/rev` that some control plane answers to; undefined: not known. */
  readonly revisions: readonly string[] | undefined;
  /** Names of `extensionProviders`; undefined: not known. */
  readonly providers: readonly string[] | undefined;
  /** Whether mesh-wide access logging has a default provider or file; undefined: not known. */
  readonly hasAccessLogging: boolean | undefined;
  /** Istio's exact version, `1.30.3`; undefined: not known. */
  readonly istioVersion: string | undefined;
  /** Accounts the ingress gateways run as, with their namespaces; undefined: not known. */
  readonly gateways: readonly GatewaySettings[] | undefined;
  /** What the user, the fleet or a manifest said; everything else is a default that may be wrong. */
  readonly declared: ReadonlySet<DeclaredSetting>;
}

export type DeclaredSetting = Exclude<keyof MeshSettings, 'declared'>;

/** An ingress gateway: the Gateway object that routes are bound to, and who its pods are. */
interface GatewaySettings {
  /** `istio-system/istio-shared-gateway` */
  readonly gateway: string;
  readonly podNamespace: string;
  readonly serviceAccount: string;
}

/** Istio's own defaults.
 *  @see https://istio.io/latest/docs/reference/config/istio.mesh.v1alpha1/#MeshConfig */
export const defaultSettings: MeshSettings = {
  rootNamespace: 'istio-system',
  trustDomain: 'cluster.local',
  trustDomainAliases: [],
  clusterDomain: 'cluster.local',
  enableAutoMtls: true,
  outboundTrafficPolicy: 'ALLOW_ANY',
  enablePrometheusMerge: true,
  dnsCapture: false,
  revisions: undefined,
  providers: undefined,
  hasAccessLogging: undefined,
  istioVersion: undefined,
  gateways: undefined,
  declared: new Set(),
};

/** The settings with some of them declared; what is undefined is not. */
export function declareSettings(
  settings: MeshSettings,
  said: { readonly [Name in DeclaredSetting]?: MeshSettings[Name] | undefined },
): MeshSettings {
  const known = Object.entries(said).filter(([, value]) => value !== undefined);
  return {
    ...settings,
    ...(Object.fromEntries(known) as Partial<MeshSettings>),
    declared: new Set([...settings.declared, ...known.map(([name]) => name as DeclaredSetting)]),
  };
}
