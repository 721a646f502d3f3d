import { describe, expect, it } from 'vitest';
import { labAt, MeshWorld } from './mesh-world.ts';

/** Bookinfo as it is, with one more manifest of the application's own people in what lab builds. */
function bookinfoWith(name: string, text: string, world = new MeshWorld()): MeshWorld {
  const files = world.repositories['acme/bookinfo'] ?? {};
  const kustomization = Object.keys(files).find((path) => path.endsWith('lab/kustomization.yaml')) ?? '';
  const folder = kustomization.replace(/\/kustomization\.yaml$/, '');
  files[`${folder}/${name}`] = text;
  files[kustomization] = (files[kustomization] ?? '').replace('resources:\n', `resources:\n  - ${name}\n`);
  return world;
}

/** Somebody's own policy, which nothing enforces as long as the pods have no sidecar. */
const onlyReviews = `apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata:
  name: only-reviews
spec:
  selector:
    matchLabels:
      app: details
  rules:
    - from:
        - source:
            principals:
              - cluster.local/ns/bookinfo/sa/bookinfo-reviews
`;

/** The pages call everything of the namespace in plain text, as if there were no mesh. */
const withoutMtls = `apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata:
  name: plain-for-pages
spec:
  host: details.bookinfo.svc.cluster.local
  workloadSelector:
    matchLabels:
      app: productpage
  trafficPolicy:
    tls:
      mode: DISABLE
`;

const plainText = `apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata:
  name: details-of-ours
spec:
  host: details
  trafficPolicy:
    tls:
      sni: details.example.com
`;

describe('what is proposed is proven', () => {
  it('a pull request shows its effect on the calls', async () => {
    const world = new MeshWorld();
    const { code } = await world.run('open', ['bookinfo@lab']);
    const [draft] = world.opened;

    expect(code).toBe(0);
    expect(draft?.body).toContain('## Effect on traffic');
    expect(draft?.body).toMatch(/\d+ of \d+ declared calls? proven/);
  });

  it('a call whose effect is unknown is not counted among those that stay', async () => {
    const [known, unknown] = [new MeshWorld(), new MeshWorld()];
    delete unknown.repositories['acme/payments'];
    await known.run('open', ['online-boutique@lab']);
    await unknown.run('open', ['online-boutique@lab']);

    const bodies = [known, unknown].map(({ opened }) => opened[0]?.body ?? '');
    const [proven = [], open = []] = [/(\d+) of \d+ declared calls? proven/, /(\d+) undetermined/].map(
      (counted) => bodies.map((body) => Number(counted.exec(body)?.[1] ?? 0)),
    );
    expect(proven[1]).toBe((proven[0] ?? 0) - 1);
    expect(open[1]).toBe((open[0] ?? 0) + 1);
  });

  it('one that would break a call is refused, with the call, the moment and the object that decides', async () => {
    const world = bookinfoWith('details.yaml', onlyReviews);
    const { code, problems } = await world.run('open', ['bookinfo@lab']);

    expect(code).toBe(1);
    expect(world.opened).toEqual([]);
    expect(problems.filter(({ rule }) => rule === 'call-breaks')).toContainEqual(
      expect.objectContaining({
        severity: 'error',
        message: expect.stringMatching(
          /^bookinfo\/productpage -> bookinfo\/details:9080 does not break today, but will while pods restart: 403 RBAC\./,
        ) as string,
        repository: 'acme/bookinfo',
        file: expect.stringMatching(/details\.yaml$/) as string,
      }),
    );
  });

  it('an override with a reason opens it, and the reason stands in its body', async () => {
    const world = bookinfoWith('details.yaml', onlyReviews);
    const override = ['call-breaks', 'caller-not-allowed'].map((rule) => `${rule}=nobody uses it at night`);
    const { code } = await world.run('open', ['bookinfo@lab'], { override });

    expect(code).toBe(0);
    expect(world.opened[0]?.body).toContain('Overridden: nobody uses it at night');
    expect(world.opened[0]?.body).toMatch(
      /\| `bookinfo\/productpage -> bookinfo\/details:9080` \| `\w+` \| `\w+` \| `403 RBAC` \| `403 RBAC` \|/,
    );
  });

  it('upgrade too: a caller that keeps mTLS off has no identity, and enforced policies refuse it', async () => {
    const world = bookinfoWith('plain.yaml', withoutMtls, await labAt('joined'));
    const joined = await world.run('upgrade', ['bookinfo@lab'], { open: true });
    world.fleet = world.fleet
      .replace('{lab: joined}', '{lab: enforced}')
      .replace('stage: joined', 'stage: enforced');
    const { code, problems, json } = await world.run('upgrade', ['bookinfo@lab'], { open: true });

    expect(joined.problems.map(({ rule }) => rule)).not.toContain('call-breaks');
    expect(code).toBe(1);
    expect(json).toMatchObject({ results: [{ target: 'bookinfo@lab', outcome: 'refused' }] });
    expect(problems.map(({ message }) => message)).toContainEqual(
      expect.stringMatching(
        /^bookinfo\/productpage -> bookinfo\/details:9080 does not break today, but will once this is merged: 403 RBAC\./,
      ),
    );
    expect(world.opened).toEqual([]);
  });

  it('an error of a rule, in a file of the application too, stops it, with its place', async () => {
    const world = bookinfoWith('details.yaml', plainText);
    const { code, problems } = await world.run('open', ['bookinfo@lab']);

    expect(code).toBe(1);
    expect(problems).toContainEqual(
      expect.objectContaining({
        rule: 'tls-without-mode',
        severity: 'error',
        line: 8,
        repository: 'acme/bookinfo',
      }),
    );
    expect(world.opened).toEqual([]);
  });

  it('diff tells the same, and apply what it knows without a forge', async () => {
    const world = bookinfoWith('details.yaml', plainText);

    expect(await world.run('diff', ['bookinfo@lab'])).toMatchObject({ code: 1 });
  });

  it.each([
    ['tls-without-mode', 'is not a valid override'],
    ['tls-without-mode=', 'is not a valid override'],
    ['tls-with-mode=x', '"tls-with-mode" is not a rule that --override knows'],
  ])('an override %j is refused before anything is done', async (override, message) => {
    const { code, problems } = await new MeshWorld().run('open', ['bookinfo@lab'], { override: [override] });

    expect(code).toBe(2);
    expect(problems[0]?.message).toContain(message);
  });
});
