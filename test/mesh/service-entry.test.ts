import { expect, it } from 'vitest';
import { inventoryOf, istio } from './manifests.ts';

// Istio reads the protocol of a ServiceEntry's port in full, and neither its name nor its number.
it.each([
  ['protocol: TCP, name: http', 'tcp'],
  ['protocol: GRPC-Web, name: x', 'grpc-web'],
  ['name: tcp-db', 'sniffed'],
  ['name: http-web', 'sniffed'],
  ['protocol: HTTP-web, name: x', 'sniffed'],
])('{%s} is %s', (port, protocol) => {
  const entry = istio(
    'ServiceEntry',
    'shop/db',
    `{hosts: [db.example.com], ports: [{number: 3306, ${port}}]}`,
  );

  const [found] = inventoryOf(entry).serviceEntries;

  expect(found?.ports.map((each) => each.protocol)).toEqual([protocol]);
});
