import type { DeclaredSetting, MeshSettings } from '../../../../src/mesh/settings.ts';
import type { Call, Symptom } from '../../../../src/model/traffic.ts';
import { istio } from '../../../mesh/manifests.ts';
import { app, meshed, namespace } from '../../../traffic/world.ts';

/** A call as people write it, and what a real istiod makes of it. */
export type Expected = readonly [call: string, istiod: 'works' | Symptom | '503 UH', more?: Partial<Call>];

export interface Case {
  /** Paragraph of the reference of Istio's semantics. */
  readonly of: string;
  readonly name: string;
  /** The whole cluster. */
  readonly manifests: string;
  readonly settings?: { readonly [Name in DeclaredSetting]?: MeshSettings[Name] };
  readonly calls: readonly Expected[];
}

/** The one call of most cases. */
export const call = 'shop/web -> pay/ledger:8080';
const apps = app('shop/web') + app('pay/ledger');
export const both = namespace('shop', meshed) + namespace('pay', meshed) + apps;
export const callerOnly = namespace('shop', meshed) + namespace('pay') + apps;
export const calleeOnly = namespace('shop') + namespace('pay', meshed) + apps;
export const web = 'cluster.local/ns/shop/sa/web';

export const strict = istio('PeerAuthentication', 'pay/default', '{mtls: {mode: STRICT}}');
export const mutual = '{tls: {mode: ISTIO_MUTUAL}}';

/** An application at a port of another protocol. */
export function bothAt(port: string): string {
  return namespace('shop', meshed) + namespace('pay', meshed) + app('shop/web') + app('pay/ledger', port);
}

export function policy(spec: string, place = 'pay/policy', annotations = '{}'): string {
  return istio('AuthorizationPolicy', place, spec, annotations);
}

export function rule(spec: string, place = 'pay/ledger'): string {
  return istio('DestinationRule', place, spec);
}

/** The cases of one paragraph: name, manifests, what istiod says of the calls. */
export function paragraph(
  of: string,
  ...rows: readonly (readonly [
    name: string,
    manifests: string,
    calls: Expected | Expected[1] | readonly Expected[],
    settings?: Case['settings'],
  ])[]
): readonly Case[] {
  return rows.map(([name, manifests, calls, settings]) => ({
    of,
    name,
    manifests,
    ...(settings !== undefined && { settings }),
    calls: typeof calls === 'string' ? [[call, calls]] : isMany(calls) ? calls : [calls],
  }));
}

function isMany(calls: Expected | readonly Expected[]): calls is readonly Expected[] {
  return typeof calls[0] !== 'string';
}
