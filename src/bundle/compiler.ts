import Handlebars from 'handlebars/runtime.js';
import type { TemplateCompiler, TemplateSet, TemplateTexts } from '../model/bundle.ts';
import { success } from '../model/problem.ts';
import { precompiled } from './precompiled.ts';
import { withHelpers } from './template-helpers.ts';

/** A set of templates that can be rendered. The package's own were compiled when it was built; Handlebars' compiler is
 *  loaded for a set with any other text alone. */
export async function withCompiler(templates: TemplateTexts): Promise<TemplateSet> {
  const isBuilt = [...templates.texts.values()].every((text) => precompiled.has(text));
  if (isBuilt) return { ...templates, compile: compiledBefore };
  const { compileTemplate } = await import('./compile-template.ts');
  return {
    ...templates,
    compile: (name, text) =>
      precompiled.has(text) ? compiledBefore(name, text) : compileTemplate(name, text),
  };
}

const runtime = withHelpers(Handlebars.create());

const compiledBefore: TemplateCompiler = (name, text) => {
  const known = precompiled.get(text);
  if (known === undefined) throw new Error(`The template ${name} was not compiled before.`);
  return success(runtime.template(known) as (view: unknown) => string);
};
