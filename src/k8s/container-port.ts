import { listAt, stringAt, valueAt, type JsonValue } from '../model/json.ts';

/** TCP, UDP or SCTP: the API server fills in TCP where the port of a Service, a container or a NetworkPolicy says nothing.
 *  @see https://kubernetes.io/docs/reference/kubernetes-api/service-resources/service-v1/#ServiceSpec */
export function transportOf(port: JsonValue | undefined): string {
  const said = stringAt(port, 'protocol');
  return said === undefined || said === '' ? 'TCP' : said;
}

/** The number of the container port that a Service's targetPort names: of the containers, then of the init containers that
 *  run on beside them, and for the same transport.
 *  @returns undefined: no such container declares it, so the Service has no endpoints there
 *  @see https://kubernetes.io/docs/concepts/services-networking/service/#field-spec-ports */
export function namedContainerPort(
  podSpec: JsonValue | undefined,
  name: string,
  transport = 'TCP',
): number | undefined {
  const sidecars = listAt(podSpec, 'initContainers').filter(
    (each) => stringAt(each, 'restartPolicy') === 'Always',
  );
  for (const container of [...listAt(podSpec, 'containers'), ...sidecars])
    for (const port of listAt(container, 'ports')) {
      const number = valueAt(port, 'containerPort');
      if (stringAt(port, 'name') === name && transportOf(port) === transport && typeof number === 'number')
        return number;
    }
  return undefined;
}
