import { objectAt, stringAt, valueAt } from '../../../model/json.ts';
import type { Resource } from '../../../model/resource.ts';
import { partsIn, says, specOf, type Part } from '../../facts/part.ts';
import { hasPlaceholder } from '../../../mesh/placeholder.ts';
import { isHttp, isTls, parseProtocol } from '../../../k8s/protocol.ts';
import { isDnsLabel, isIpAddress, isPort, quoted } from '../../facts/syntax.ts';
import { rule } from '../../rule.ts';
import type { Finding } from '../../rule.ts';

export default rule({
  id: 'sidecar-listener-malformed',
  severity: 'error',
  kinds: ['Sidecar'],
  summary: 'a Sidecar listener with an invalid port, address, endpoint or TLS setting',
  why: 'The webhook rejects the Sidecar. It has two listeners on one port, an unsupported protocol, a `targetPort`, a `defaultEndpoint` outside the pod, or an ingress listener with TLS settings that only a gateway can have.',
  fix: 'Give each listener its own port, and set `defaultEndpoint` to 127.0.0.1, 0.0.0.0 or a Unix socket.',
  equivalent: ['IST0106', 'IST0133'],
  see: ['https://istio.io/latest/docs/reference/config/networking/sidecar/#IstioIngressListener'],
  *check(inventory) {
    for (const resource of inventory.of('Sidecar'))
      for (const list of ['ingress', 'egress']) {
        const seen = new Set<number>();
        for (const listener of partsIn(specOf(resource), list)) {
          yield* portMistakes(resource, listener, list, seen);
          if (list === 'ingress') yield* ingressMistakes(resource, listener);
        }
      }
  },
});

function* portMistakes(
  resource: Resource,
  { path, value }: Part,
  list: string,
  seen: Set<number>,
): Iterable<Finding> {
  const port = objectAt(value, 'port');
  const at = [...path, 'port'];
  const number = valueAt(port, 'number') ?? 0;
  const bind = stringAt(value, 'bind') ?? '';
  const isSocket = bind.startsWith('unix://');
  if (!says({ path, value }, 'port')) return;
  if (typeof number === 'number') {
    if (seen.has(number) && number !== 0)
      yield {
        resource,
        path: [...at, 'number'],
        message: `Another ${list} listener already uses port ${String(number)}.`,
      };
    seen.add(number);
    if (!isPort(number) && !(list === 'egress' && number === 0 && isSocket))
      yield {
        resource,
        path: port.number === undefined ? at : [...at, 'number'],
        message: `${String(number)} is not a valid port for an ${list} listener.`,
      };
  }
  const protocol = stringAt(port, 'protocol') ?? '';
  if (protocol !== '' && !hasPlaceholder(protocol) && parseProtocol(protocol) === undefined)
    yield {
      resource,
      path: [...at, 'protocol'],
      message: `${quoted(protocol)} is not a protocol that Istio supports.`,
    };
  const name = stringAt(port, 'name') ?? '';
  if (name !== '' && !hasPlaceholder(name) && !isDnsLabel(name))
    yield {
      resource,
      path: [...at, 'name'],
      message: `The port name ${quoted(name)} is not a DNS label.`,
    };
  if (says({ path: at, value: port }, 'targetPort') && port.targetPort !== 0)
    yield {
      resource,
      path: [...at, 'targetPort'],
      at: 'key',
      message: 'A "targetPort" is not allowed on a Sidecar.',
    };
  if (
    bind !== '' &&
    !hasPlaceholder(bind) &&
    !isIpAddress(bind) &&
    !(isSocket && list === 'egress' && number === 0)
  )
    yield {
      resource,
      path: [...path, 'bind'],
      message: `"bind" must be an IP address, but is ${quoted(bind)}.`,
    };
}

function* ingressMistakes(resource: Resource, listener: Part): Iterable<Finding> {
  const { path, value } = listener;
  const endpoint = stringAt(value, 'defaultEndpoint') ?? '';
  const mistake = endpoint === '' || hasPlaceholder(endpoint) ? undefined : endpointMistake(endpoint);
  if (mistake !== undefined)
    yield { resource, path: [...path, 'defaultEndpoint'], message: `"defaultEndpoint" ${mistake}.` };
  const protocol = parseProtocol(stringAt(value, 'port', 'protocol') ?? '');
  for (const tls of partsIn(listener, 'tls')) {
    for (const field of [
      'subjectAltNames',
      'httpsRedirect',
      'credentialName',
      'credentialNames',
      'tlsCertificates',
    ])
      if (says(tls, field) && tls.value[field] !== false)
        yield {
          resource,
          path: [...tls.path, field],
          at: 'key',
          message: `The TLS settings of an ingress listener can't have "${field}".`,
        };
    const { mode } = tls.value;
    if (mode === 'ISTIO_MUTUAL' || mode === 'AUTO_PASSTHROUGH')
      yield {
        resource,
        path: [...tls.path, 'mode'],
        message: `An ingress listener can't use the TLS mode ${mode}.`,
      };
    if (!isTls(protocol))
      yield {
        resource,
        path: tls.path,
        at: 'key',
        message: 'TLS settings require a port with protocol HTTPS or TLS.',
      };
  }
  if (says({ path, value: objectAt(value, 'connectionPool') }, 'http') && !isHttp(protocol))
    yield {
      resource,
      path: [...path, 'connectionPool', 'http'],
      at: 'key',
      severity: 'warning',
      message: 'The HTTP connection pool settings have no effect, because the port is not HTTP.',
    };
}

function endpointMistake(text: string): string | undefined {
  if (text.startsWith('unix://')) {
    const socket = text.slice('unix://'.length);
    if (socket.startsWith('@')) return undefined;
    return socket.startsWith('/') && !socket.endsWith('/')
      ? undefined
      : 'is not the absolute path of a socket';
  }
  const [, host = '', port = ''] = /^(\[[^\]]{0,60}\]|[^:]{0,255}):(\d{1,9})$/.exec(text) ?? [];
  if (port === '') return `must end with ":" and a port, but is ${quoted(text)}`;
  if (!['', '127.0.0.1', '0.0.0.0', '[::1]', '[::]'].includes(host))
    return `must be an address of the pod itself (127.0.0.1, 0.0.0.0, [::1] or [::]), but is ${quoted(text)}`;
  return isPort(Number(port)) ? undefined : `has the invalid port ${port}`;
}
