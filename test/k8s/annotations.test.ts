import { describe, expect, it } from 'vitest';
import { isKeptFromSidecar, portsListed } from '../../src/k8s/captured-ports.ts';
import { isDryRun, parseGoBool } from '../../src/k8s/istio-boolean.ts';

describe('the dry-run annotation', () => {
  const policy = (value: string | boolean) => ({ metadata: { annotations: { 'istio.io/dry-run': value } } });

  it.each(['true', 'True', 'TRUE', 't', 'T', '1'])('is on with %s', (value) => {
    expect(isDryRun(policy(value))).toBe(true);
  });

  it.each(['false', 'False', '0', 'yes', 'tRUE', 'on', '', ' true', '${DRY}'])(
    'is in force with "%s"',
    (value) => {
      expect(isDryRun(policy(value))).toBe(false);
    },
  );

  it('is no text without quotes', () => {
    expect(isDryRun(policy(true))).toBe(false);
    expect(isDryRun({})).toBe(false);
    expect(parseGoBool('yes')).toBeUndefined();
  });
});

describe('the ports that a sidecar captures', () => {
  const pod = (list: Record<string, string>) =>
    Object.fromEntries(
      Object.entries(list).map(([name, value]) => [`traffic.sidecar.istio.io/${name}`, value]),
    );

  it.each<[Record<string, string>, boolean]>([
    [{}, false],
    [{ excludeInboundPorts: '8080' }, true],
    [{ excludeInboundPorts: ' 80 , 8080 ' }, true],
    [{ excludeInboundPorts: '0x1F90' }, false],
    [{ includeInboundPorts: '80' }, true],
    [{ includeInboundPorts: '80,8080' }, false],
    [{ includeInboundPorts: '' }, true],
    [{ includeInboundPorts: '*' }, false],
    [{ includeInboundPorts: '*', excludeInboundPorts: '8080' }, true],
    [{ includeInboundPorts: '${PORTS}' }, false],
  ])('%j keeps 8080 from it: %s', (annotations, isKept) => {
    expect(isKeptFromSidecar(pod(annotations), 8080)).toBe(isKept);
  });

  it('does not know of ports that are none', () => {
    expect(portsListed(pod({ excludeOutboundPorts: '443,x,1e3,-1,123456' }), 'excludeOutboundPorts')).toEqual(
      new Set([443]),
    );
  });
});
