import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { apiOf, operatorHost } from '../../src/fleet/operator-host.ts';

type Environment = Readonly<Record<string, string>>;
const config = (text: string) => ({ file: '/home/me/.config/meshwright/config.yaml', text });

function operator(environment: Environment, text?: string) {
  const named = operatorHost(environment, text === undefined ? undefined : config(text));
  if (!named.ok) throw new Error(named.problems[0]?.message);
  return named.value;
}

/** Where requests go for a fleet that names this API root; or the rule that refuses it. */
function goesTo(environment: Environment, declared: string | undefined, text?: string): string | undefined {
  const api = apiOf(declared, operator(environment, text), 'fleet.yaml');
  return api.ok ? api.value : api.problems[0]?.rule;
}

describe('the operator names the GitHub host:', () => {
  it('github.com, when nobody says otherwise', () => {
    expect(goesTo({}, undefined)).toBe('https://api.github.com');
    expect(goesTo({}, 'https://api.github.com')).toBe('https://api.github.com');
    expect(goesTo({ MESHWRIGHT_GITHUB_HOST: '', GH_HOST: ' ' }, undefined)).toBe('https://api.github.com');
  });

  it.each<[string, Environment, string]>([
    ['MESHWRIGHT_GITHUB_HOST', { MESHWRIGHT_GITHUB_HOST: 'GHES.example.com' }, ''],
    ['GITHUB_API_URL', { GITHUB_API_URL: 'https://ghes.example.com/api/v3' }, ''],
    ['GH_HOST', { GH_HOST: 'ghes.example.com' }, ''],
    ['the per-user configuration', {}, 'github:\n  host: ghes.example.com\n'],
  ])('by %s', (_, environment, text) => {
    expect(goesTo(environment, undefined, text)).toBe('https://ghes.example.com/api/v3');
    expect(goesTo(environment, 'https://ghes.example.com/api/v3', text)).toBe(
      'https://ghes.example.com/api/v3',
    );
    expect(goesTo(environment, 'https://api.github.com', text)).toBe('github-host-refused');
  });

  it('the first of them that says something', () => {
    const all = {
      MESHWRIGHT_GITHUB_HOST: 'one.example.com',
      GITHUB_API_URL: 'https://two.example.com/api/v3',
      GH_HOST: 'three.example.com',
    };
    expect(operator(all, 'github: {host: four.example.com}').host).toBe('one.example.com');
    expect(operator({ ...all, MESHWRIGHT_GITHUB_HOST: '' }).host).toBe('two.example.com');
    expect(operator({ GH_HOST: all.GH_HOST }, 'github: {host: four.example.com}').host).toBe(
      'three.example.com',
    );
  });

  it('as people or as the API know it', () => {
    for (const host of ['github.com', 'api.github.com', 'https://api.github.com'])
      expect(goesTo({ MESHWRIGHT_GITHUB_HOST: host }, 'https://api.github.com')).toBe(
        'https://api.github.com',
      );
    for (const host of ['acme.ghe.com', 'https://api.acme.ghe.com'])
      expect(goesTo({ MESHWRIGHT_GITHUB_HOST: host }, undefined)).toBe('https://api.acme.ghe.com');
  });

  it('with its port', () => {
    const named = { MESHWRIGHT_GITHUB_HOST: 'ghes.example.com:8443' };
    expect(goesTo(named, 'https://ghes.example.com:8443/api/v3')).toBe(
      'https://ghes.example.com:8443/api/v3',
    );
    expect(goesTo(named, 'https://ghes.example.com/api/v3')).toBe('github-host-refused');
    expect(
      goesTo({ MESHWRIGHT_GITHUB_HOST: 'ghes.example.com' }, 'https://ghes.example.com:443/api/v3'),
    ).toBe('https://ghes.example.com:443/api/v3');
  });

  it('plain http only to this machine, and only when the operator named it', () => {
    expect(goesTo({ MESHWRIGHT_GITHUB_HOST: '127.0.0.1:9' }, 'http://127.0.0.1:9/api/v3')).toBe(
      'http://127.0.0.1:9/api/v3',
    );
    expect(goesTo({}, 'http://127.0.0.1:9/api/v3')).toBe('github-host-refused');
    expect(goesTo({ GH_HOST: 'localhost:9' }, 'http://127.0.0.1:9/api/v3')).toBe('github-host-refused');
    expect(goesTo({ GH_HOST: 'ghes.example.com' }, 'http://ghes.example.com/api/v3')).toBe(
      'github-host-refused',
    );
    expect(operatorHost({ MESHWRIGHT_GITHUB_HOST: 'http://ghes.example.com' }, undefined)).toMatchObject({
      problems: [{ rule: 'github-host-invalid' }],
    });
  });

  it.each([
    'a b',
    'https://me:secret@ghes.example.com',
    'ghes.example.com/path',
    'ghes.example.com#x',
    '$(id)',
    'https://',
    'x:y',
  ])('and %j is no host', (text) => {
    expect(operatorHost({ MESHWRIGHT_GITHUB_HOST: text }, undefined)).toMatchObject({
      ok: false,
      problems: [
        { rule: 'github-host-invalid', message: expect.stringContaining('MESHWRIGHT_GITHUB_HOST') as string },
      ],
    });
  });

  it('and a configuration that says anything else is refused with its line', () => {
    expect(operatorHost({}, config('github:\n  hots: x\n'))).toMatchObject({
      ok: false,
      problems: [{ line: 2 }],
    });
    expect(operatorHost({}, config('')).ok).toBe(true);
  });
});

it('a refusal names both hosts, and the line that would allow it', () => {
  const refused = apiOf('https://evil.example/api/v3', operator({}), 'ops/fleet.yaml');

  expect(refused).toMatchObject({
    problems: [{ rule: 'github-host-refused', severity: 'error', file: 'ops/fleet.yaml' }],
  });
  expect(refused.problems[0]?.message).toContain('evil.example');
  expect(refused.problems[0]?.message).toContain('github.com');
  expect(refused.problems[0]?.fix).toContain('export MESHWRIGHT_GITHUB_HOST=evil.example');
});

it('no fleet file reaches another host, however it spells it', () => {
  const part = fc.stringMatching(/^[A-Za-z0-9.-]{1,20}$/);
  const api = fc
    .tuple(
      fc.constantFrom('https', 'http'),
      part,
      fc.option(fc.nat(65535)),
      fc.constantFrom('', '/api/v3', '/@ghes.example.com'),
    )
    .map(
      ([scheme, host, port, path]) => `${scheme}://${host}${port === null ? '' : `:${String(port)}`}${path}`,
    )
    .filter((text) => URL.canParse(text));
  const near = fc.constantFrom(
    'https://ghes.example.com.evil.example/api/v3',
    'https://xghes.example.com/api/v3',
    'https://GHES.EXAMPLE.COM/api/v3',
    'https://api.ghes.example.com/api/v3',
    'https://ghes.example.com./api/v3',
  );
  fc.assert(
    fc.property(fc.oneof(api, near), (declared) => {
      const allowed = apiOf(declared, operator({ GH_HOST: 'ghes.example.com' }), 'fleet.yaml');
      if (allowed.ok) expect(new URL(allowed.value).host.replace(/\.$/, '')).toBe('ghes.example.com');
    }),
  );
});
