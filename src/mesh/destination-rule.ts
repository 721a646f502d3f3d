import { isObject, listAt, objectAt, type JsonObject, type YamlPath } from '../model/json.ts';
import type { Resource } from '../model/resource.ts';

/** A traffic policy of a DestinationRule: the rule's own, a port's, or a subset's. */
export interface TrafficPolicy {
  readonly path: YamlPath;
  readonly policy: JsonObject;
  /** undefined: for all subsets. */
  readonly subset: string | undefined;
  /** undefined: for all ports. */
  readonly port: number | undefined;
}

/** Every traffic policy of a DestinationRule that is written.
 *  @see https://istio.io/latest/docs/reference/config/networking/destination-rule/#TrafficPolicy */
export function* trafficPolicies({ spec }: Resource): Iterable<TrafficPolicy> {
  yield* policiesAt(spec.trafficPolicy, ['spec', 'trafficPolicy'], undefined);
  for (const [index, subset] of listAt(spec, 'subsets').entries()) {
    const { name, trafficPolicy } = objectAt(subset);
    const path = ['spec', 'subsets', index, 'trafficPolicy'];
    yield* policiesAt(trafficPolicy, path, typeof name === 'string' ? name : '');
  }
}

function* policiesAt(policy: unknown, path: YamlPath, subset: string | undefined): Iterable<TrafficPolicy> {
  if (!isObject(policy as JsonObject)) return;
  const own = policy as JsonObject;
  yield { path, policy: own, subset, port: undefined };
  for (const [index, ofPort] of listAt(own, 'portLevelSettings').entries()) {
    if (!isObject(ofPort)) continue;
    const number = objectAt(ofPort, 'port').number;
    yield {
      path: [...path, 'portLevelSettings', index],
      policy: ofPort,
      subset,
      port: typeof number === 'number' ? number : undefined,
    };
  }
}
