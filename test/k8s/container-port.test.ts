import { expect, it } from 'vitest';
import { namedContainerPort, transportOf } from '../../src/k8s/container-port.ts';

const pods = {
  initContainers: [
    { name: 'once', ports: [{ name: 'web', containerPort: 1 }] },
    { name: 'beside', restartPolicy: 'Always', ports: [{ name: 'metrics', containerPort: 9090 }] },
  ],
  containers: [
    { ports: [{ name: 'dns', containerPort: 5353, protocol: 'UDP' }] },
    {
      ports: [
        { name: 'web', containerPort: 8080 },
        { name: 'dns', containerPort: 5300, protocol: 'TCP' },
      ],
    },
  ],
};

// As the API server looks a targetPort up for the endpoints of a Service.
it.each<[string, string, string | undefined, number | undefined]>([
  ['a container, not an init container that ends', 'web', undefined, 8080],
  ['an init container that runs on', 'metrics', undefined, 9090],
  ['the port of TCP, where nothing says', 'dns', undefined, 5300],
  ['the port of the same transport', 'dns', 'UDP', 5353],
  ['no port of another transport', 'web', 'UDP', undefined],
])('a named target port is %s', (_, name, transport, number) => {
  expect(namedContainerPort(pods, name, transport)).toBe(number);
});

it('a port is TCP where nothing says', () => {
  expect([{}, { protocol: '' }, { protocol: 'UDP' }].map(transportOf)).toEqual(['TCP', 'TCP', 'UDP']);
});
