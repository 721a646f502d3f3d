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
