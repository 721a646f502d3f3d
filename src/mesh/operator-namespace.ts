import { stringAt } from '../model/json.ts';
import type { Resource } from '../model/resource.ts';
import type { Inventory } from './inventory.ts';

/** The namespaces that an IstioOperator may install into where a component names none: each that it states, since versions
 *  of `istioctl` differ in which of them they follow, and the root namespace (`istio-system`) where it states none.
 *  @see https://istio.io/latest/docs/reference/config/istio.operator.v1alpha1/#IstioOperatorSpec */
export function namespacesOfOperator(
  { spec, namespace, hasNamespace }: Resource,
  { settings }: Inventory,
): readonly string[] {
  const said = [
    stringAt(spec, 'namespace'),
    stringAt(spec, 'values', 'global', 'istioNamespace'),
    hasNamespace ? namespace : undefined,
  ].flatMap((each) => (each === undefined || each === '' ? [] : [each]));
  return said.length === 0 ? [settings.rootNamespace] : [...new Set(said)];
}
