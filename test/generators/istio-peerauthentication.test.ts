import { describe, expect, it } from 'vitest';
import type { NamespaceSpec } from '../../src/model/fleet.ts';
import { app } from '../bundle/app.ts';
import { changesOf, plan, problemsOf } from '../bundle/plan.ts';
import { repository } from '../fakes/repository.ts';
import { spec } from '../fakes/spec.ts';

const file = 'istio-peerauthentication.yaml';
const onStrict = (changes: Partial<NamespaceSpec> = {}) => spec({ strictClusters: ['lab-eu-1'], ...changes });
const policy = (mode: string) => `apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: {name: default}
spec:
  mtls: {mode: ${mode}}
`;

describe('istio-peerauthentication', () => {
  it('keeps plain text answered where the cluster refuses it and the namespace is not enforced', () => {
    const after = changesOf(onStrict(), app())[file];

    expect(after).toContain('kind: PeerAuthentication\n');
    expect(after).toContain('mode: PERMISSIVE\n');
    expect(changesOf(onStrict(), app())['kustomization.yaml']).toContain(`- ${file}\n`);
  });

  it('keeps the ports alone that callers without a sidecar come to, once the namespace is enforced', () => {
    const open =
      'apiVersion: v1\nkind: Service\nmetadata: {name: public}\nspec: {type: NodePort, selector: {app: catalog}, ports: [{name: http, port: 80, targetPort: 8080}]}\n';
    const enforced = onStrict({ stage: 'enforced' });
    const files = app({ 'open.yaml': open });
    const after = changesOf(enforced, files)[file] ?? '';

    expect(after).toContain('  selector:\n    matchLabels:\n      app: catalog\n');
    expect(after).toContain('  portLevelMtls:\n    "8080":\n      mode: PERMISSIVE\n');
    expect(after).not.toContain('  mtls:');
    const own = `apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: {name: catalog}
spec: {selector: {matchLabels: {app: catalog}}, mtls: {mode: STRICT}}
`;
    const refused = app({ 'open.yaml': open, 'peers.yaml': own });
    expect(changesOf(enforced, refused)).not.toHaveProperty(file);
    expect(problemsOf(enforced, refused)).toContain(
      'warning peerauthentication-strict deploy/overlays/lab/peers.yaml:4:7',
    );
  });

  it.each([
    ['on a cluster that answers plain text', spec()],
    ['once the namespace is enforced', onStrict({ stage: 'enforced' })],
  ])('writes nothing %s', (_, wanted) => {
    expect(changesOf(wanted, app())[file]).toBeUndefined();
  });

  it.each(['PERMISSIVE', 'DISABLE'])('leaves alone a policy of the application that says %s', (mode) => {
    expect(changesOf(onStrict(), app({ 'peers.yaml': policy(mode) }))).not.toHaveProperty(file);
  });

  it('leaves a policy of the application that refuses plain text, and says where', () => {
    const files = app({ 'peers.yaml': policy('STRICT') });

    expect(plan(onStrict(), repository(files)).changes.map(({ path }) => path)).not.toContain(
      'deploy/overlays/lab/peers.yaml',
    );
    expect(problemsOf(onStrict(), files)).toContain(
      'warning peerauthentication-strict deploy/overlays/lab/peers.yaml:5:16',
    );
  });
});
