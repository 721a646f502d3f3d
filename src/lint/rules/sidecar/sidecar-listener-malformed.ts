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
  summary: 'a listener of a Sidecar with a port, address, endpoint or TLS setting that it cannot have',
  why: 'The webhook refuses the Sidecar: two listeners on one port, a protocol Istio does not know, a `targetPort`, a `defaultEndpoint` that is not on the pod itself, or TLS settings of a gateway on an ingress listener.',
  fix: 'Give each listener a port of its own, and send what arrives to 127.0.0.1, 0.0.0.0 or a Unix socket.',
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
        message: `Another ${list} listener has the port ${String(number)}.`,
      };
    seen.add(number);
    if (!isPort(number) && !(list === 'egress' && number === 0 && isSocket))
      yield {
        resource,
        path: port.number === undefined ? at : [...at, 'number'],
        message: `An ${list} listener can't have the port ${String(number)}.`,
      };
  }
  const protocol = stringAt(port, 'protocol') ?? '';
  if (protocol !== '' && !hasPlaceholder(protocol) && parseProtocol(protocol) === undefined)
    yield { resource, path: [...at, 'protocol'], message: `Istio has no protocol ${quoted(protocol)}.` };
  const name = stringAt(port, 'name') ?? '';
  if (name !== '' && !hasPlaceholder(name) && !isDnsLabel(name))
    yield {
      resource,
      path: [...at, 'name'],
      message: `A port can't be called ${quoted(name)}: its name is one DNS label.`,
    };
  if (says({ path: at, value: port }, 'targetPort') && port.targetPort !== 0)
    yield {
      resource,
      path: [...at, 'targetPort'],
      at: 'key',
      message: 'A "targetPort" has no effect on a Sidecar, and is refused.',
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
      message: `"bind" must be an IP address, and is ${quoted(bind)}.`,
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
          message: `An ingress listener's TLS settings can't have "${field}".`,
        };
    const { mode } = tls.value;
    if (mode === 'ISTIO_MUTUAL' || mode === 'AUTO_PASSTHROUGH')
      yield {
        resource,
        path: [...tls.path, 'mode'],
        message: `An ingress listener can't have the mode ${mode}.`,
      };
    if (!isTls(protocol))
      yield {
        resource,
        path: tls.path,
        at: 'key',
        message: 'TLS settings need a port of protocol HTTPS or TLS.',
      };
  }
  if (says({ path, value: objectAt(value, 'connectionPool') }, 'http') && !isHttp(protocol))
    yield {
      resource,
      path: [...path, 'connectionPool', 'http'],
      at: 'key',
      severity: 'warning',
      message: 'The settings of HTTP connections have no effect, since the port is not HTTP.',
    };
}

function endpointMistake(text: string): string | undefined {
  if (text.startsWith('unix://')) {
    const socket = text.slice('unix://'.length);
    if (socket.startsWith('@')) return undefined;
    return socket.startsWith('/') && !socket.endsWith('/') ? undefined : 'names no absolute path of a socket';
  }
  const [, host = '', port = ''] = /^(\[[^\]]{0,60}\]|[^:]{0,255}):(\d{1,9})$/.exec(text) ?? [];
  if (port === '') return `must end with ":" and a port, and is ${quoted(text)}`;
  if (!['', '127.0.0.1', '0.0.0.0', '[::1]', '[::]'].includes(host))
    return `can only be on the pod itself (127.0.0.1, 0.0.0.0, [::1] or [::]), and is ${quoted(text)}`;
  return isPort(Number(port)) ? undefined : `has the port ${port}, which is none`;
}
