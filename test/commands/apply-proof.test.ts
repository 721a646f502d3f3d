import { describe, expect, it } from 'vitest';
import { checkout, fleet, shop, World } from './world.ts';

const enforced = fleet
  .replace('stage: {lab: joined}', 'stage: {lab: enforced}')
  .replace(
    'ports: [7070]',
    'ports: [7070]\n        complete: {callers: asked the team, calls: asked the team}',
  );
const rules = ({ problems }: { readonly problems: readonly { rule: string; severity: string }[] }) =>
  problems.filter(({ severity }) => severity === 'error').map(({ rule }) => rule);

/** A webhook of the shop: the API server calls it, and waits for its answer. */
const webhook = `apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingWebhookConfiguration
metadata: {name: carts}
webhooks:
  - name: carts.acme.example
    failurePolicy: Fail
    sideEffects: None
    admissionReviewVersions: [v1]
    clientConfig: {service: {name: cart, namespace: shop, port: 7070}}
`;

/** A caller that never gets a sidecar. */
const oldCaller = `apiVersion: apps/v1
kind: Deployment
metadata: {name: nightly}
spec:
  selector: {matchLabels: {app: nightly}}
  template:
    metadata: {labels: {app: nightly, sidecar.istio.io/inject: "false"}}
    spec: {containers: [{name: nightly, image: acme/nightly, env: [{name: CART_URL, value: "http://cart:7070"}]}]}
`;

const file = 'deploy/lab/app.yaml';
/** The shop calls nobody. */
const quiet = { ...shop, [file]: (shop[file] ?? '').replace(/ +env:\n.*\n.*\n/, '') };
const separate = { ...quiet, [file]: quiet[file].replace(/^[^]*?---\n/, '') };

describe('apply asks what open asks, as far as its checkout answers', () => {
  it('refuses to enforce where nobody knows the callers', async () => {
    const world = new World({
      'fleet.yaml': fleet.replace('stage: {lab: joined}', 'stage: {lab: enforced}'),
      ...checkout(),
    });
    const before = new Map(world.disk);

    const refused = await world.run('apply', ['shop@lab'], { dir: 'checkout' });

    expect([refused.code, rules(refused)]).toEqual([1, expect.arrayContaining(['callers-unknown'])]);
    expect(world.disk).toEqual(before);
  });

  it('enforces what the fleet states, and says what it does not see', async () => {
    const world = new World({ 'fleet.yaml': enforced, ...checkout(quiet) });

    const applied = await world.run('apply', ['shop@lab'], { dir: 'checkout' });

    expect([applied.code, rules(applied)]).toEqual([0, []]);
    expect(applied.problems.map(({ rule }) => rule)).toContain('apply-not-proven');
  });

  it('lets the API server in, which calls a webhook without a sidecar', async () => {
    const files = { ...quiet, [file]: `${quiet[file]}---\n${webhook}` };
    const world = new World({ 'fleet.yaml': enforced, ...checkout(files) });

    const applied = await world.run('apply', ['shop@lab'], { dir: 'checkout' });

    expect([applied.code, rules(applied)]).toEqual([0, []]);
    expect(world.text('checkout/deploy/lab/istio-authorizationpolicy.yaml')).toContain(
      'allow-api-server-cart',
    );
  });

  it('refuses policies that would cut off a caller that a manifest shows, whatever the fleet states', async () => {
    const files = { ...quiet, [file]: `${quiet[file]}---\n${oldCaller}` };
    const world = new World({ 'fleet.yaml': enforced, ...checkout(files) });
    const before = new Map(world.disk);

    const refused = await world.run('apply', ['shop@lab'], { dir: 'checkout' });

    expect(rules(refused)).toContain('call-breaks');
    expect(refused.problems.map(({ message }) => message).join('\n')).toContain('cart');
    expect(world.disk).toEqual(before);
  });

  it('reads a Namespace of another repository as unknown, and goes on', async () => {
    const other = fleet.replace(
      'stage: {lab: joined}',
      'stage: {lab: joined}\n    namespaceManifest: {repository: acme/platform, path: namespaces/shop.yaml}',
    );
    const world = new World({ 'fleet.yaml': other, ...checkout(separate) });

    const applied = await world.run('apply', ['shop@lab'], { dir: 'checkout' });

    expect([applied.code, rules(applied)]).toEqual([0, []]);
  });
});
