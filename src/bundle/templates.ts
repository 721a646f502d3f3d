import Handlebars from 'handlebars/runtime.js';
import type { TemplateSet } from '../model/bundle.ts';
import { failure, success, type Outcome } from '../model/problem.ts';
import { MissingValue } from './template-helpers.ts';

/** Renders a template of a set. */
export interface Renderer {
  /** The file name that a template asks for in its first line, `{{!-- file: name.yaml --}}`; undefined: the usual one. */
  fileOf(name: string): string | undefined;
  /** @returns problems `template-missing`, `template-syntax`, `template-unsafe-value`, `template-missing-value` */
  render(name: string, view: unknown): Outcome<string>;
}

const renderers = new WeakMap<TemplateSet, Renderer>();

/** The renderer of a template set; each template is compiled once. */
export function rendererOf(templates: TemplateSet): Renderer {
  const known = renderers.get(templates);
  if (known !== undefined) return known;
  const made = makeRenderer(templates);
  renderers.set(templates, made);
  return made;
}

type Compiled = (view: unknown) => string;

function makeRenderer(templates: TemplateSet): Renderer {
  const compiled = new Map<string, Outcome<Compiled>>();
  const compile = (name: string): Outcome<Compiled> => {
    const text = templates.texts.get(name);
    return text === undefined
      ? failure({
          rule: 'template-missing',
          severity: 'error',
          message: `There is no template "${name}".`,
          file: name,
        })
      : templates.compile(name, text);
  };
  return {
    fileOf: (name) =>
      /^\{\{!--\s*file:\s*([\w][\w.-]*\.ya?ml)\s*--\}\}/.exec(templates.texts.get(name) ?? '')?.[1],
    render(name, view) {
      const template = compiled.get(name) ?? compile(name);
      compiled.set(name, template);
      if (!template.ok) return template;
      try {
        return success(template.value(view));
      } catch (error) {
        if (!(error instanceof MissingValue) && !(error instanceof Handlebars.Exception)) throw error;
        return failure({
          rule: 'template-missing-value',
          severity: 'error',
          message: `The template could not be rendered: ${error.message}.`,
          fix: 'Use the values that docs/TEMPLATES.md lists for this template.',
          file: name,
        });
      }
    },
  };
}
