import { expect, it } from 'vitest';
import { workloadMode } from '../../src/mesh/peer-authentication.ts';
import { inventoryOf, istio } from './manifests.ts';

// Reference 4.3. https://istio.io/latest/docs/reference/config/security/peer_authentication/
const mesh = (mode: string) => istio('PeerAuthentication', 'istio-system/default', `{mtls: {mode: ${mode}}}`);
const ofNamespace = (mtls: string, name = 'default') =>
  istio('PeerAuthentication', `pay/${name}`, `{mtls: ${mtls}}`);
const ofPods = (more: string, app = 'ledger') =>
  istio('PeerAuthentication', `pay/${app}`, `{selector: {matchLabels: {app: ${app}}}, ${more}}`);

it.each<[string, string, number | undefined, string]>([
  ['nothing: PERMISSIVE', '', 8080, 'PERMISSIVE'],
  ['the mesh', mesh('STRICT'), 8080, 'STRICT'],
  ['the namespace over the mesh', mesh('STRICT') + ofNamespace('{mode: DISABLE}'), 8080, 'DISABLE'],
  [
    'pods over the namespace',
    ofNamespace('{mode: STRICT}') + ofPods('mtls: {mode: PERMISSIVE}'),
    8080,
    'PERMISSIVE',
  ],
  [
    'pods of another selector',
    ofNamespace('{mode: STRICT}') + ofPods('mtls: {mode: DISABLE}', 'web'),
    8080,
    'STRICT',
  ],
  ['mtls: {} inherits', mesh('STRICT') + ofNamespace('{}'), 8080, 'STRICT'],
  ['UNSET inherits', mesh('STRICT') + ofNamespace('{mode: UNSET}'), 8080, 'STRICT'],
  [
    'a port over its pods',
    ofPods('mtls: {mode: STRICT}, portLevelMtls: {8080: {mode: DISABLE}}'),
    8080,
    'DISABLE',
  ],
  [
    'other ports keep the mode',
    ofPods('mtls: {mode: STRICT}, portLevelMtls: {8080: {mode: DISABLE}}'),
    9090,
    'STRICT',
  ],
  [
    'a port that is UNSET has the mode of its pods',
    ofPods('mtls: {mode: STRICT}, portLevelMtls: {8080: {mode: UNSET}}'),
    8080,
    'STRICT',
  ],
  [
    'a port of a policy without mode, over the namespace',
    ofNamespace('{mode: STRICT}') + ofPods('portLevelMtls: {8080: {mode: PERMISSIVE}}'),
    8080,
    'PERMISSIVE',
  ],
  [
    'its other ports have the mode of the namespace',
    ofNamespace('{mode: STRICT}') + ofPods('portLevelMtls: {8080: {mode: PERMISSIVE}}'),
    9090,
    'STRICT',
  ],
  [
    'a selector in the root namespace selects nothing',
    istio(
      'PeerAuthentication',
      'istio-system/ledger',
      '{selector: {matchLabels: {app: ledger}}, mtls: {mode: STRICT}}',
    ),
    8080,
    'PERMISSIVE',
  ],
])('%s', (_, manifests, port, expected) => {
  const pods = { namespace: 'pay', labels: { app: 'ledger' } };

  expect(workloadMode(pods, port, inventoryOf(manifests)).mode).toBe(expected);
});

it('two for one namespace are conflicting: the cluster knows the older one', () => {
  const two = ofNamespace('{mode: STRICT}') + ofNamespace('{mode: PERMISSIVE}', 'other');

  expect(workloadMode({ namespace: 'pay', labels: {} }, 8080, inventoryOf(two)).conflicting).toHaveLength(1);
});
