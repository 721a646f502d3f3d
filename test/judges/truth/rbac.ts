import {
  isObject,
  listAt,
  objectAt,
  stringAt,
  valueAt,
  type JsonObject,
  type JsonValue,
} from '../../../src/model/json.ts';
import { hasHeader, stringTakes, type Request } from './envoy.ts';

/** What an RBAC filter of Envoy decides by. */
export interface Peer {
  /** Of its certificate; undefined: plain text. */
  readonly uri: string | undefined;
  readonly address: string;
  readonly port: number;
  /** undefined: the filter is of a TCP listener. */
  readonly request: Request | undefined;
}

/** Whether an RBAC filter lets a peer in. Shadow rules, which only report, never count.
 *  @see https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/rbac/v3/rbac.proto */
export function isAllowed(filter: JsonObject, peer: Peer): boolean {
  const { rules } = filter;
  if (!isObject(rules)) return true;
  const matched = Object.values(objectAt(rules, 'policies')).some(
    (policy) =>
      listAt(policy, 'permissions').some((each) => permits(each, peer)) &&
      listAt(policy, 'principals').some((each) => isPrincipal(each, peer)),
  );
  const action = stringAt(rules, 'action') ?? 'ALLOW';
  if (action === 'LOG') return true;
  return action === 'DENY' ? !matched : matched;
}

function permits(permission: JsonValue, peer: Peer): boolean {
  const [key, value] = only(permission);
  switch (key) {
    case 'any':
      return value === true;
    case 'andRules':
      return listAt(value, 'rules').every((each) => permits(each, peer));
    case 'orRules':
      return listAt(value, 'rules').some((each) => permits(each, peer));
    case 'notRule':
      return !permits(value, peer);
    case 'destinationPort':
      return value === peer.port;
    case 'header':
      return peer.request !== undefined && hasHeader(objectAt(value), peer.request);
    case 'urlPath':
      return peer.request !== undefined && stringTakes(objectAt(value, 'path'), peer.request.path);
    default:
      throw new Error(`a permission that is not read: ${JSON.stringify(permission)}`);
  }
}

function isPrincipal(principal: JsonValue, peer: Peer): boolean {
  const [key, value] = only(principal);
  switch (key) {
    case 'any':
      return value === true;
    case 'andIds':
      return listAt(value, 'ids').every((each) => isPrincipal(each, peer));
    case 'orIds':
      return listAt(value, 'ids').some((each) => isPrincipal(each, peer));
    case 'notId':
      return !isPrincipal(value, peer);
    case 'authenticated': {
      const name = valueAt(value, 'principalName');
      return peer.uri !== undefined && (!isObject(name) || stringTakes(name, peer.uri));
    }
    case 'filterState': {
      const text = objectAt(value, 'stringMatch');
      return peer.uri !== undefined && stringTakes(text, peer.uri);
    }
    case 'sourceIp':
    case 'directRemoteIp':
    case 'remoteIp': {
      const prefix = stringAt(value, 'addressPrefix') ?? '';
      return valueAt(value, 'prefixLen') === 0 || prefix === peer.address;
    }
    case 'header':
      return peer.request !== undefined && hasHeader(objectAt(value), peer.request);
    case 'metadata':
      // Claims of a token: nobody here has one.
      return false;
    default:
      throw new Error(`a principal that is not read: ${JSON.stringify(principal)}`);
  }
}

function only(value: JsonValue): readonly [string, JsonValue] {
  const [first, second] = Object.entries(objectAt(value));
  if (first === undefined || second !== undefined) throw new Error(`not one key: ${JSON.stringify(value)}`);
  return first;
}
