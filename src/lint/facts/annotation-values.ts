import { isObject } from '../../model/json.ts';
import { documentValues } from '../../yaml/documents.ts';
import { parseGoBool } from '../../k8s/istio-boolean.ts';
import { isQuantity } from '../../k8s/quantity.ts';

type AnnotationCheck = (value: string) => string | undefined;

const bool: AnnotationCheck = (value) =>
  parseGoBool(value) === undefined ? 'it is neither true nor false' : undefined;

const count: AnnotationCheck = (value) =>
  /^\d{1,10}$/.test(value) && Number(value) <= 4294967295 ? undefined : 'it is not a whole number';

const port: AnnotationCheck = (value) =>
  /^\d{1,5}$/.test(value.trim()) && Number(value) <= 65535 ? undefined : `"${value}" is not a valid port`;

const ports: AnnotationCheck = (value) =>
  value.trim() === '' ? undefined : firstOf(value.trim().split(','), port);

const ranges: AnnotationCheck = (value) => (value === '' ? undefined : firstOf(value.split(','), range));

const quantity: AnnotationCheck = (value) =>
  isQuantity(value) ? undefined : 'it is not a Kubernetes quantity such as 100m or 128Mi';

const orAll =
  (check: AnnotationCheck): AnnotationCheck =>
  (value) =>
    value === '*' ? undefined : check(value);

function oneOf(...values: readonly string[]): AnnotationCheck {
  return (value) => (values.includes(value) ? undefined : `it must be one of ${values.join(', ')}`);
}

function firstOf(parts: readonly string[], check: AnnotationCheck): string | undefined {
  for (const part of parts) {
    const wrong = check(part);
    if (wrong !== undefined) return wrong;
  }
  return undefined;
}

function range(text: string): string | undefined {
  const [address = '', bits = '', ...more] = text.split('/');
  const isFour = /^(25[0-5]|2[0-4]\d|1?\d?\d)(\.(25[0-5]|2[0-4]\d|1?\d?\d)){3}$/.test(address);
  const isSix = address.includes(':') && /^[0-9a-fA-F:.]{2,45}$/.test(address);
  const fits = /^\d{1,3}$/.test(bits) && Number(bits) <= (isFour ? 32 : 128);
  if ((isFour || isSix) && fits && more.length === 0) return undefined;
  return text.trim() === text
    ? `"${text}" is not a CIDR range such as 10.0.0.0/8`
    : `"${text}" contains a space, which Istio does not trim`;
}

function proxyConfig(value: string): string | undefined {
  if (value.trim() === '') return undefined;
  const [config] = documentValues(value);
  return isObject(config) ? undefined : 'it is not a YAML map of ProxyConfig fields';
}

/** As the injector validates them: it rejects a pod with an invalid one. */
const checks: Readonly<Record<string, AnnotationCheck>> = {
  'sidecar.istio.io/interceptionMode': oneOf('REDIRECT', 'TPROXY', 'NONE'),
  'status.sidecar.istio.io/port': port,
  'readiness.status.sidecar.istio.io/initialDelaySeconds': count,
  'readiness.status.sidecar.istio.io/periodSeconds': count,
  'readiness.status.sidecar.istio.io/failureThreshold': count,
  'traffic.sidecar.istio.io/includeOutboundIPRanges': orAll(ranges),
  'traffic.sidecar.istio.io/excludeOutboundIPRanges': ranges,
  'traffic.sidecar.istio.io/includeInboundPorts': orAll(ports),
  'traffic.sidecar.istio.io/excludeInboundPorts': ports,
  'traffic.sidecar.istio.io/excludeOutboundPorts': ports,
  'prometheus.istio.io/merge-metrics': bool,
  'proxy.istio.io/config': proxyConfig,
  'sidecar.istio.io/proxyCPU': quantity,
  'sidecar.istio.io/proxyCPULimit': quantity,
  'sidecar.istio.io/proxyMemory': quantity,
  'sidecar.istio.io/proxyMemoryLimit': quantity,
};

/** Istio ignores these if they are invalid. */
const lenientChecks: Readonly<Record<string, AnnotationCheck>> = {
  'sidecar.istio.io/nativeSidecar': oneOf('true', 'false'),
  'sidecar.istio.io/rewriteAppHTTPProbers': bool,
  'traffic.sidecar.istio.io/includeOutboundPorts': ports,
};

/** What is wrong with an annotation's value, and whether the injector rejects pods for it; undefined: nothing.
 *  @see https://istio.io/latest/docs/reference/config/annotations/ */
export function wrongAnnotation(
  name: string,
  value: string,
): { readonly why: string; readonly isRejected: boolean } | undefined {
  const isStrict = Object.hasOwn(checks, name);
  const check = isStrict
    ? checks[name]
    : Object.hasOwn(lenientChecks, name)
      ? lenientChecks[name]
      : undefined;
  const why = check?.(value);
  return why === undefined ? undefined : { why, isRejected: isStrict };
}
