import type { Call, Callee, Caller } from '../model/traffic.ts';
import { failure, success, type Outcome } from '../model/problem.ts';

const label = '[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?';
const service = new RegExp(`^(${label})/(${label})(?::([1-9][0-9]{0,4}))?$`);
const host = /^((?:\*\.)?[A-Za-z0-9](?:[-A-Za-z0-9.]{0,251}[A-Za-z0-9])?)(?::([1-9][0-9]{0,4}))?$/;

/** A call as people write it: `shop/frontend -> pay/api:8443`, `shop/frontend -> api.example.com:443`, `gateway -> shop/web:80`. */
export function parseCall(text: string): Outcome<Call> {
  const [first = '', second = '', ...rest] = text.split('->').map((part) => part.trim());
  const from = callerOf(first);
  const to = calleeOf(second);
  if (from !== undefined && to !== undefined && rest.length === 0) return success({ from, to, evidence: [] });
  return failure({
    rule: 'call-unreadable',
    severity: 'error',
    message: `"${text.slice(0, 200)}" is not a valid call.`,
    fix: "Write it as 'shop/frontend -> pay/api:8443'; the caller can also be gateway or outside.",
  });
}

function callerOf(text: string): Caller | undefined {
  if (text === 'gateway' || text === 'outside') return { kind: text };
  const any = new RegExp(`^(${label})/\\*$`).exec(text);
  if (any?.[1] !== undefined) return { kind: 'account', namespace: any[1], serviceAccount: undefined };
  const [, namespace, name, port] = service.exec(text) ?? [];
  if (namespace === undefined || name === undefined || port !== undefined) return undefined;
  return { kind: 'workload', namespace, name };
}

function calleeOf(text: string): Callee | undefined {
  const [, namespace, name, port] = service.exec(text) ?? [];
  if (namespace !== undefined && name !== undefined)
    return { kind: 'service', namespace, name, port: port === undefined ? undefined : Number(port) };
  const [, dns, ofHost] = host.exec(text) ?? [];
  return dns === undefined ? undefined : { kind: 'host', host: dns, port: Number(ofHost ?? 443) };
}
