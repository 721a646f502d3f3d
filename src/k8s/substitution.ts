import { applied, maxLength, type Applied } from './expansion.ts';
import { parseTemplate, type Expansion, type TemplatePart } from './substitution-template.ts';

/** What stands for the variables of a Flux Kustomization. */
export interface Variables {
  /** undefined: it is set, and its value is not known. */
  readonly known: ReadonlyMap<string, string | undefined>;
  /** Whether there are no others. They may be in a Secret, or in a ConfigMap that was not read: what such a one holds is
   *  unknown, not empty. */
  readonly isWhole: boolean;
}

/** What Flux makes of a text. */
export type Substituted =
  | { readonly kind: 'text'; readonly text: string }
  /** Flux refuses the whole build of the Kustomization. */
  | { readonly kind: 'refused'; readonly why: string }
  /** The values of these variables are not known. */
  | { readonly kind: 'unknown'; readonly names: readonly string[] };

/** What Flux' substitution makes of a text: github.com/fluxcd/pkg/envsubst v1.7.0 in strict mode, the default since Flux 2.9.
 *  It differs from bash, and from its own README: `$$` is a dollar sign anywhere, `${x:+y}` is a default like `${x:-y}`,
 *  `${x-y}` is refused. Judged by that library (test/judges).
 *  @see https://fluxcd.io/flux/components/kustomize/kustomizations/#post-build-variable-substitution */
export function substitute(text: string, variables: Variables): Substituted {
  if (!text.includes('$')) return { kind: 'text', text };
  const template = parseTemplate(text);
  if (!template.ok) return { kind: 'refused', why: template.why };
  return joined(template.parts.map((part) => evaluated(part, variables)));
}

/** A variable that a text reads. */
export interface VariableUse {
  readonly name: string;
  /** Whether the build is refused where nothing sets it: no default stands in for it. */
  readonly isRequired: boolean;
}

/** The variables that a text reads, in their order; why Flux refuses it, when it does whatever they are. */
export function variablesIn(
  text: string,
):
  | { readonly ok: true; readonly uses: readonly VariableUse[] }
  | { readonly ok: false; readonly why: string } {
  const template = parseTemplate(text);
  if (!template.ok) return template;
  const usesOf = (part: TemplatePart): readonly VariableUse[] =>
    typeof part === 'string'
      ? []
      : [...part.args.flatMap(usesOf), { name: part.name, isRequired: !hasDefault(part) }];
  return { ok: true, uses: template.parts.flatMap(usesOf) };
}

/** A name that Flux takes for a variable's; one that it does not fails every object of the Kustomization, used or not.
 *  @see https://github.com/fluxcd/pkg/blob/main/kustomize/kustomize_varsub.go */
export function isVariableName(name: string): boolean {
  return /^[_a-zA-Z][_a-zA-Z0-9]*$/.test(name);
}

/** A text that Flux gives out as `text`: a dollar sign before another, or before a brace, is doubled. */
export function escapeForFlux(text: string): string {
  return text.replace(/\$(?=[${])/g, () => '$$');
}

/** Flux takes the line ends out of every value. */
export function variableValue(text: string): string {
  return text.replaceAll('\n', '');
}

const defaults: ReadonlySet<string> = new Set(['=', ':=', ':-', ':?', ':+']);

function hasDefault({ operator }: Expansion): boolean {
  return defaults.has(operator);
}

function evaluated(part: TemplatePart, variables: Variables): Substituted {
  if (typeof part === 'string') return { kind: 'text', text: part };
  const args = part.args.map((each) => evaluated(each, variables));
  const refused = args.find(({ kind }) => kind === 'refused');
  if (refused !== undefined) return refused;
  const value = variables.known.get(part.name);
  const unknown = args.flatMap((each) => (each.kind === 'unknown' ? each.names : []));
  const isSet = variables.known.has(part.name);
  if (value === undefined && (isSet || !variables.isWhole))
    return { kind: 'unknown', names: [...unknown, part.name] };
  if (value === undefined && !hasDefault(part))
    return { kind: 'refused', why: `nothing sets the variable ${part.name}` };
  if (unknown.length > 0) return { kind: 'unknown', names: unknown };
  return outcomeOf(
    applied(
      part.operator,
      value ?? '',
      args.map((each) => (each.kind === 'text' ? each.text : '')),
    ),
    part.name,
  );
}

function outcomeOf(result: Applied, name: string): Substituted {
  if (result.kind === 'text') return result;
  return result.kind === 'refused' ? result : { kind: 'unknown', names: [name] };
}

function joined(results: readonly Substituted[]): Substituted {
  const refused = results.find(({ kind }) => kind === 'refused');
  if (refused !== undefined) return refused;
  const names = results.flatMap((each) => (each.kind === 'unknown' ? each.names : []));
  if (names.length > 0) return { kind: 'unknown', names: [...new Set(names)] };
  const texts = results.map((each) => (each.kind === 'text' ? each.text : ''));
  if (texts.reduce((sum, each) => sum + each.length, 0) > maxLength)
    return { kind: 'refused', why: 'the result is larger than an object may be' };
  return { kind: 'text', text: texts.join('') };
}
