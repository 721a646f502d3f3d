import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { escapeForFlux, substitute, variablesIn, type Variables } from '../../src/k8s/substitution.ts';
import { substituteObject } from '../../src/k8s/substituted-object.ts';

const whole = (known: Readonly<Record<string, string>>): Variables => ({
  known: new Map(Object.entries(known)),
  isWhole: true,
});
const known = { DOMAIN: 'lab.example.com', PATH: 'a/b/c.tar', EMPTY: '' };

describe('a text with variables of Flux', () => {
  it.each([
    ['shop.${DOMAIN}', 'shop.lab.example.com'],
    ['$${DOMAIN}', '${DOMAIN}'],
    ['$$${DOMAIN}', '$lab.example.com'],
    ['${REGION:-eu}', 'eu'],
    ['${REGION:=eu}', 'eu'],
    ['${EMPTY:-eu}', 'eu'],
    ['${DOMAIN:+eu}', 'lab.example.com'],
    ['${REGION:-${DOMAIN}}', 'lab.example.com'],
    ['${DOMAIN%%.*}', 'lab'],
    ['${DOMAIN#*.}', 'example.com'],
    ['${PATH//\\//-}', 'a-b-c.tar'],
    ['${PATH##*/}', 'c.tar'],
    ['${DOMAIN:0:3}', 'lab'],
    ['${DOMAIN^^}', 'LAB.EXAMPLE.COM'],
    ['${#DOMAIN}', '15'],
    ['$DOMAIN $(DOMAIN) \\${DOMAIN}', '$DOMAIN $(DOMAIN) \\lab.example.com'],
  ])('%s becomes %s', (text, expected) => {
    expect(substitute(text, whole(known))).toEqual({ kind: 'text', text: expected });
  });

  it.each([
    '${REGION}',
    '${REGION^^}',
    '${#REGION}',
    '${REGION-eu}',
    '${}',
    '${ DOMAIN }',
    '${DOMAIN.x}',
    '${DOMAIN',
  ])('%s makes Flux refuse the build', (text) => {
    expect(substitute(text, whole(known)).kind).toBe('refused');
  });

  it('is unknown, and not empty, where a Secret may hold the variable', () => {
    const some: Variables = { known: new Map([['DOMAIN', 'x']]), isWhole: false };

    expect(substitute('${TOKEN}', some)).toEqual({ kind: 'unknown', names: ['TOKEN'] });
    expect(substitute('${TOKEN:-none}', some)).toEqual({ kind: 'unknown', names: ['TOKEN'] });
    expect(substitute('${DOMAIN}', some)).toEqual({ kind: 'text', text: 'x' });
    expect(substitute('$${TOKEN}', some)).toEqual({ kind: 'text', text: '${TOKEN}' });
  });

  it('comes out as it was when it is escaped', () => {
    const text = fc
      .array(fc.constantFrom('$', '$$', '{', '}', '${', 'DOMAIN', '\\', ' ', 'é', '\n'))
      .map((each) => each.join(''));

    fc.assert(
      fc.property(text, (each) => {
        expect(substitute(escapeForFlux(each), whole(known))).toEqual({ kind: 'text', text: each });
      }),
      { numRuns: 2000 },
    );
  });

  it('names its variables, and which have no default', () => {
    expect(variablesIn('${A}-${B:=x}-$${C}-${D:-${E}}')).toEqual({
      ok: true,
      uses: [
        { name: 'A', isRequired: true },
        { name: 'B', isRequired: false },
        { name: 'E', isRequired: true },
        { name: 'D', isRequired: false },
      ],
    });
  });

  it('is read in linear time, and grows to no more than an object may be', () => {
    for (const unit of [
      '$',
      '$$',
      '${',
      '${A',
      '${A}',
      '${A:-',
      '${A/',
      '${A//',
      '{',
      '}',
      '\\',
      '${A:-${A',
      '${A#*',
    ])
      expect(substitute(unit.repeat(100_000), whole({ A: 'x'.repeat(100_000) })).kind).not.toBe('unknown');
    expect(substitute('${A//x/${A}}', whole({ A: 'x'.repeat(100_000) })).kind).toBe('unknown');
    expect(substitute('${A%%*x*x*y}', whole({ A: 'x'.repeat(100_000) })).kind).toBe('unknown');
  });
});

describe('an object with variables of Flux', () => {
  const object = {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: '${NAME}', labels: { '${NAME}': 'yes ${NAME}' } },
    spec: { ports: [{ port: '${PORT}', targetPort: '${OTHER}' }] },
  };

  it('has numbers where a text becomes one, and keys that are filled in', () => {
    expect(substituteObject(object, whole({ NAME: 'web', PORT: '80', OTHER: 'http' })).value).toEqual({
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'web', labels: { web: 'yes web' } },
      spec: { ports: [{ port: 80, targetPort: 'http' }] },
    });
  });

  it('keeps what is not known, and says what that is', () => {
    const result = substituteObject(object, { known: new Map([['NAME', 'web']]), isWhole: false });

    expect(result.value.spec).toEqual(object.spec);
    expect(result.unknown).toEqual(new Set(['PORT', 'OTHER']));
    expect(result.refused).toEqual([]);
  });

  it('tells where Flux refuses it', () => {
    expect(substituteObject(object, whole({ NAME: 'a: b', PORT: '80' })).refused).toEqual([
      { path: ['metadata', 'name'], why: 'with the values filled in, the result is not YAML' },
      { path: ['metadata', 'labels', '${NAME}'], why: 'with the values filled in, the result is not YAML' },
      { path: ['metadata', 'labels', '${NAME}'], why: 'with the values filled in, the result is not YAML' },
      { path: ['spec', 'ports', 0, 'targetPort'], why: 'nothing sets the variable OTHER' },
    ]);
  });

  it.each(['labels', 'annotations'])('is left as it is when its %s say so, in that very spelling', (kind) => {
    const with_ = (value: string) => ({
      metadata: { [kind]: { 'kustomize.toolkit.fluxcd.io/substitute': value } },
      data: { a: '${NAME}' },
    });

    expect(substituteObject(with_('disabled'), whole({ NAME: 'web' })).value.data).toEqual({ a: '${NAME}' });
    expect(substituteObject(with_('Disabled'), whole({ NAME: 'web' })).value.data).toEqual({ a: 'web' });
  });

  it('is left as it is without a variable, but for the strategy Always', () => {
    const defaults = { data: { a: '${NAME:=web}' } };

    expect(substituteObject(defaults, whole({})).value).toEqual(defaults);
    expect(substituteObject(defaults, whole({}), true).value).toEqual({ data: { a: 'web' } });
  });
});
