import { markdown, markdownCell, markdownCode } from '../model/quoted.ts';
import { printScalar } from '../yaml/print.ts';

/** How every template is compiled, by the build or later. */
export const templateOptions = {
  noEscape: true,
  strict: true,
  knownHelpers: {
    yaml: true,
    md: true,
    code: true,
    cell: true,
    each: true,
    if: true,
    unless: true,
    with: true,
  },
  knownHelpersOnly: true,
};

/** What makes one harmless scalar of a value: the only helpers that may print one. */
export const valueHelpers: Readonly<Record<string, (value: unknown) => string>> = {
  yaml: (value) => printScalar(scalar(value, 'yaml')),
  md: (value) => markdown(String(scalar(value, 'md'))),
  code: (value) => markdownCode(String(scalar(value, 'code'))),
  cell: (value) => markdownCell(String(scalar(value, 'cell'))),
};

/** A template asked for a value that the view does not have. */
export class MissingValue extends Error {}

/** An environment of Handlebars, with or without its compiler. */
interface Environment {
  registerHelper(name: string, helper: (value: unknown) => string): void;
  unregisterHelper(name: string): void;
}

/** @returns the same, with our helpers and without those that templates may not use */
export function withHelpers<T extends Environment>(handlebars: T): T {
  for (const [name, helper] of Object.entries(valueHelpers)) handlebars.registerHelper(name, helper);
  for (const builtin of ['lookup', 'log']) handlebars.unregisterHelper(builtin);
  return handlebars;
}

function scalar(value: unknown, helper: string): string | number | boolean {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value;
  // Handlebars' strict mode checks {{name}} but not {{helper name}}.
  throw new MissingValue(`{{${helper} …}} needs a string, a number or a boolean`);
}
