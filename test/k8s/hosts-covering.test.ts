import { expect, it } from 'vitest';
import { covers } from '../../src/k8s/host.ts';
import { HostsCovering } from '../../src/k8s/hosts-covering.ts';

const hosts = [
  'a.example.com',
  'example.com',
  'x.a.example.com',
  '*.example.com',
  '*.a.example.com',
  '*example.com',
  '*.com',
  '*',
  'web',
  '',
];

it('finds the patterns that cover a host, as comparing each would', () => {
  const index = new HostsCovering<string>();
  for (const host of hosts) index.add(host, host);

  for (const host of hosts)
    expect([...index.covering(host)].sort()).toEqual(hosts.filter((pattern) => covers(pattern, host)).sort());
});

it('has each value once, that of the very host first', () => {
  const index = new HostsCovering<string>();
  for (const host of ['*', '*.com', 'a.com']) index.add(host, 'one');
  index.add('a.com', 'two');

  expect(index.covering('a.com')).toEqual(['one', 'two']);
});
