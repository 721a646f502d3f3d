import { fileURLToPath } from 'node:url';
import { createGenerator } from 'ts-json-schema-generator';
import { commands } from '../../src/commands/index.ts';
import type { CommandId } from '../../src/commands/outputs.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));

type Schema = Record<string, unknown>;

/** The JSON Schemas of what each command prints with `--json`, from the types in src/commands/outputs.ts.
 *  @returns by command; each takes a result with its problems, or the problems of a refusal alone
 *  @see https://json-schema.org/draft-07 */
export function outputSchemas(): ReadonlyMap<CommandId, Schema> {
  const generator = createGenerator({
    path: `${root}src/commands/outputs.ts`,
    tsconfig: `${root}tsconfig.json`,
    type: 'Outputs',
    additionalProperties: true,
    skipTypeCheck: true,
    topRef: false,
    sortProps: false,
  });
  const whole = generator.createSchema('Outputs') as Schema;
  const definitions = whole.definitions as Readonly<Record<string, Schema>>;
  const problem = generatedProblem();
  const outputs = whole.properties as Readonly<Record<CommandId, Schema>>;
  return new Map(
    commands.map(({ id, summary }) => {
      const refusal = {
        type: 'object',
        description: 'The command was refused before there was a result; exit code 1, 2 or 3.',
        properties: {
          problems: { type: 'array', minItems: 1, items: { $ref: '#/definitions/ProblemJson' } },
        },
        required: ['problems'],
      };
      const results = alternatives(outputs[id], definitions).map((each) => withProblems(each));
      const body = { anyOf: [...results, { ...refusal, not: { anyOf: results.map(requiredOf) } }] };
      const used = reachable(body, { ...definitions, ...problem });
      return [
        id,
        {
          $schema: 'http://json-schema.org/draft-07/schema#',
          $id: `urn:meshwright:output:${id.replace(' ', '-')}:1`,
          title: `meshwright ${id} --json`,
          description: summary,
          ...body,
          definitions: used,
        },
      ];
    }),
  );

  function generatedProblem(): Readonly<Record<string, Schema>> {
    const schema = createGenerator({
      path: `${root}src/report/problems.ts`,
      tsconfig: `${root}tsconfig.json`,
      type: 'ProblemJson',
      additionalProperties: true,
      skipTypeCheck: true,
      sortProps: false,
    }).createSchema('ProblemJson') as Schema;
    return schema.definitions as Readonly<Record<string, Schema>>;
  }
}

/** The members of a union, each as an object of its own. */
function alternatives(schema: Schema, definitions: Readonly<Record<string, Schema>>): readonly Schema[] {
  if (typeof schema.$ref === 'string')
    return alternatives(definitions[nameOf(schema.$ref)] ?? {}, definitions);
  const members = schema.anyOf;
  return Array.isArray(members)
    ? members.flatMap((each) => alternatives(each as Schema, definitions))
    : [schema];
}

function withProblems(schema: Schema): Schema {
  const problems = { type: 'array', items: { $ref: '#/definitions/ProblemJson' } };
  return {
    ...schema,
    properties: { ...(schema.properties as object), problems },
    required: [...((schema.required ?? []) as string[]), 'problems'],
  };
}

const requiredOf = ({ required }: Schema): Schema => ({ required });
const nameOf = (reference: string) => decodeURIComponent(reference.replace('#/definitions/', ''));

/** The definitions that a schema uses, directly or through others. */
function reachable(
  schema: Schema,
  definitions: Readonly<Record<string, Schema>>,
): Readonly<Record<string, Schema>> {
  const found = new Map<string, Schema>();
  const visit = (value: unknown): void => {
    JSON.stringify(value, (key, each: unknown) => {
      if (key !== '$ref' || typeof each !== 'string') return each;
      const name = nameOf(each);
      const definition = definitions[name];
      if (definition === undefined) throw new Error(`no definition of ${name}`);
      if (!found.has(name)) {
        found.set(name, definition);
        visit(definition);
      }
      return each;
    });
  };
  visit(schema);
  return Object.fromEntries([...found].sort(([one], [other]) => (one < other ? -1 : 1)));
}

/** The same schema, taking no key that it does not name: what our own output is held to. */
export function closed(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(closed);
  if (typeof schema !== 'object' || schema === null) return schema;
  const copy = Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, closed(value)]));
  return 'properties' in copy && !('additionalProperties' in copy)
    ? { ...copy, additionalProperties: false }
    : copy;
}
