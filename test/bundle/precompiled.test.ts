import { describe, expect, it } from 'vitest';
import { compileTemplate } from '../../src/bundle/compile-template.ts';
import { withCompiler } from '../../src/bundle/compiler.ts';
import { precompiled } from '../../src/bundle/precompiled.ts';
import { rendererOf } from '../../src/bundle/templates.ts';
import type { TemplateCompiler } from '../../src/model/bundle.ts';
import { templates } from '../fakes/templates.ts';

const name = 'namespace/istio-sidecar.yaml.hbs';

/** What a template makes of a view in which everything is this value, or why it makes nothing of it. */
function saidOf(compiled: ReturnType<TemplateCompiler>, value: unknown): string {
  if (!compiled.ok) throw new Error(JSON.stringify(compiled.problems));
  // Handlebars reads own properties only.
  const view = new Proxy(
    {},
    {
      get: (_, key) => (typeof key === 'string' ? value : undefined),
      has: () => true,
      getOwnPropertyDescriptor: () => ({ value, configurable: true, enumerable: true, writable: true }),
    },
  );
  try {
    return compiled.value(view);
  } catch (error) {
    return String(error);
  }
}

describe('templates that were compiled by the build', () => {
  it('are all of the package, as they are written', () => {
    expect([...precompiled.keys()].sort()).toEqual([...new Set(templates.texts.values())].sort());
  });

  it.each([...templates.texts])('%s is what the compiler makes of it', (each, text) => {
    const before = templates.compile(each, text);
    const now = compileTemplate(each, text);

    for (const value of ['text', ['text'], undefined])
      expect(saidOf(before, value)).toEqual(saidOf(now, value));
  });

  it('are rendered beside those that people wrote', async () => {
    const own = await withCompiler({
      ...templates,
      texts: new Map([...templates.texts, [name, '{{yaml a}}!']]),
    });

    expect(rendererOf(own).render(name, { a: 'x: y' })).toMatchObject({ value: '"x: y"!' });
    const other = 'namespace/istio-peerauthentication.yaml.hbs';
    expect(templates.texts.has(other)).toBe(true);
    expect(own.compile(other, templates.texts.get(other) ?? '')).toMatchObject({ ok: true });
  });

  it('are compiled again when their texts were changed', async () => {
    const texts = new Map([...templates.texts, [name, '{{a}}']]);

    const changed = rendererOf(await withCompiler({ ...templates, texts })).render(name, { a: 1 });

    expect(changed).toMatchObject({ ok: false, problems: [{ rule: 'template-unsafe-value', file: name }] });
  });

  it('miss what a view does not have, as compiled ones do', () => {
    expect(rendererOf(templates).render(name, {})).toMatchObject({
      ok: false,
      problems: [{ rule: 'template-missing-value', file: name }],
    });
  });
});
