import { listAt, stringAt, valueAt, type YamlPath } from '../model/json.ts';
import type { Resource } from '../model/resource.ts';
import { overlaps } from '../k8s/host.ts';
import { isTls, parseProtocol } from '../k8s/protocol.ts';
import { hasPlaceholder } from './placeholder.ts';

/** A host of a Gateway's server: `shop/*.example.com`. */
export interface ServerHost {
  readonly path: YamlPath;
  readonly text: string;
  /** Whose VirtualServices may have it; `*`: anyone's. */
  readonly namespace: string;
  readonly dns: string;
}

/** A server of a Gateway: a port, with the hosts it answers to. */
export interface GatewayServer {
  readonly gateway: Resource;
  readonly path: YamlPath;
  readonly port: number | undefined;
  /** In capitals: HTTP, HTTPS, TLS, TCP … */
  readonly protocol: string;
  readonly bind: string;
  /** In capitals; undefined: no tls block or no mode. */
  readonly tlsMode: string | undefined;
  /** Whether it ends or passes on TLS, so that the client's SNI chooses it. */
  readonly isTls: boolean;
  /** TLS that goes on to the service as it is: it is routed by SNI alone. */
  readonly isPassthrough: boolean;
  readonly httpsRedirect: boolean;
  readonly hosts: readonly ServerHost[];
  /** Whether a host is a placeholder, so that `hosts` is not all of them. */
  readonly hasUnfilledHosts: boolean;
}

/** @see https://istio.io/latest/docs/reference/config/networking/gateway/#Server */
export function serversOf(gateway: Resource): readonly GatewayServer[] {
  const { spec, namespace } = gateway;
  return listAt(spec, 'servers').map((server, at) => {
    const path = ['spec', 'servers', at];
    const port = valueAt(server, 'port', 'number');
    const hosts = listAt(server, 'hosts');
    const protocol = stringAt(server, 'port', 'protocol') ?? '';
    const parsed = parseProtocol(protocol);
    const tlsMode = stringAt(server, 'tls', 'mode')?.toUpperCase();
    return {
      gateway,
      path,
      port: typeof port === 'number' ? port : undefined,
      protocol: protocol.toUpperCase(),
      bind: stringAt(server, 'bind') ?? '',
      tlsMode,
      isTls: isTls(parsed),
      isPassthrough: parsed === 'tls' || tlsMode?.endsWith('PASSTHROUGH') === true,
      httpsRedirect: valueAt(server, 'tls', 'httpsRedirect') === true,
      hosts: hosts.flatMap((text, index): ServerHost[] => {
        if (typeof text !== 'string' || hasPlaceholder(text)) return [];
        const slash = text.indexOf('/');
        const said = slash < 0 ? '*' : text.slice(0, slash);
        return [
          {
            path: [...path, 'hosts', index],
            text,
            namespace: said === '.' ? namespace : said,
            dns: text.slice(slash + 1).toLowerCase(),
          },
        ];
      }),
      hasUnfilledHosts: hosts.some((text) => typeof text === 'string' && hasPlaceholder(text)),
    };
  });
}

/** Whether a client that sends no SNI gets to the server: one host of any name is enough. */
export function takesAnyName({ hosts }: GatewayServer): boolean {
  return hosts.some(({ dns }) => dns === '*');
}

/** Whether a VirtualService of `namespace` with this host is served here. */
export function admits(server: GatewayServer, host: string, namespace: string): boolean {
  return server.hosts.some(
    (each) => (each.namespace === '*' || each.namespace === namespace) && overlaps(each.dns, host),
  );
}
