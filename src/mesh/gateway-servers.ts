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

/** A port of a Gateway, with the hosts it answers to. */
export interface GatewayServerView {
  readonly path: YamlPath;
  readonly port: number | undefined;
  /** In capitals: HTTP, HTTPS, TLS, TCP … */
  readonly protocol: string;
  readonly bind: string;
  /** In capitals; undefined: no tls block or no mode. */
  readonly tlsMode: string | undefined;
  readonly httpsRedirect: boolean;
  readonly hosts: readonly ServerHost[];
  /** Whether a host is a placeholder, so that `hosts` is not all of them. */
  readonly hasUnfilledHosts: boolean;
}

/** @see https://istio.io/latest/docs/reference/config/networking/gateway/#Server */
export function serversOf({ spec, namespace }: Resource): readonly GatewayServerView[] {
  return listAt(spec, 'servers').map((server, at) => {
    const path = ['spec', 'servers', at];
    const port = valueAt(server, 'port', 'number');
    const hosts = listAt(server, 'hosts');
    return {
      path,
      port: typeof port === 'number' ? port : undefined,
      protocol: (stringAt(server, 'port', 'protocol') ?? '').toUpperCase(),
      bind: stringAt(server, 'bind') ?? '',
      tlsMode: stringAt(server, 'tls', 'mode')?.toUpperCase(),
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

/** Whether the server ends or passes on TLS, so that the client's SNI chooses it. */
export function speaksTls({ protocol }: GatewayServerView): boolean {
  return isTls(parseProtocol(protocol));
}

/** Whether a client that sends no SNI gets to the server: one host of any name is enough. */
export function takesAnyName({ hosts }: GatewayServerView): boolean {
  return hosts.some(({ dns }) => dns === '*');
}

/** Whether a VirtualService of `namespace` with this host is served here. */
export function admits(server: GatewayServerView, host: string, namespace: string): boolean {
  return server.hosts.some(
    (each) => (each.namespace === '*' || each.namespace === namespace) && overlaps(each.dns, host),
  );
}
