import { readFileSync } from 'node:fs';
import { Ajv, type ValidateFunction } from 'ajv';
import formats from 'ajv-formats';

interface Operation {
  readonly operationId: string;
  readonly 'x-github'?: { readonly triggersNotification?: boolean };
  readonly parameters: readonly Parameter[];
  readonly requestBody?: {
    readonly required?: boolean;
    readonly content: Record<string, { schema: object }>;
  };
  readonly responses: Record<
    string,
    { readonly content?: Record<string, { schema: object }> } | { readonly $ref: string }
  >;
}
interface Parameter {
  readonly $ref?: string;
  readonly name: string;
  readonly in: string;
  readonly required?: boolean;
  readonly schema: { readonly type?: string; readonly enum?: readonly string[] };
}
interface Description {
  readonly paths: Record<string, Record<string, Operation>>;
}

const description = JSON.parse(
  readFileSync(new URL('../../schemas/github-openapi.json', import.meta.url), 'utf8'),
) as Description;
const ajv = new Ajv({ strict: false, allErrors: true });
formats.default(ajv, { mode: 'fast' });
ajv.addFormat('repo.nwo', true);
ajv.addSchema({ $id: 'github', ...description });
const compiled = new Map<string, ValidateFunction>();

/** An operation of GitHub's REST API found by a request's method and path. */
export interface Found {
  readonly operation: Operation;
  readonly template: string;
  readonly pointer: string;
  readonly values: Readonly<Record<string, string>>;
}

export function findOperation(method: string, path: string): Found | undefined {
  for (const [template, methods] of Object.entries(description.paths)) {
    const operation = methods[method.toLowerCase()];
    const pattern = new RegExp(`^${template.replace(/\{(\w+)\}/g, '(?<$1>[^/]+)')}$`);
    const match = pattern.exec(path);
    if (operation === undefined || match === null) continue;
    const pointer = `github#/paths/${template.replaceAll('~', '~0').replaceAll('/', '~1')}/${method.toLowerCase()}`;
    return { operation, template, pointer, values: match.groups ?? {} };
  }
  return undefined;
}

/** What GitHub's description says against a request. */
export function checkRequest(found: Found, query: URLSearchParams, body: unknown): readonly string[] {
  const { operation, pointer } = found;
  const wrong: string[] = [];
  const known = operation.parameters.map(resolve).filter((parameter) => parameter.in === 'query');
  for (const [name, value] of query) {
    const parameter = known.find((each) => each.name === name);
    if (parameter === undefined) wrong.push(`${operation.operationId}: unknown query parameter ${name}`);
    else if (parameter.schema.enum?.includes(value) === false)
      wrong.push(`${operation.operationId}: ${name}=${value}`);
  }
  if (operation.requestBody !== undefined && body !== undefined)
    wrong.push(...validate(`${pointer}/requestBody/content/application~1json/schema`, body));
  if (operation.requestBody === undefined && body !== undefined)
    wrong.push(`${operation.operationId}: takes no body`);
  return wrong;
}

/** What GitHub's description says against an answer. */
export function checkResponse(found: Found, status: number, body: unknown): readonly string[] {
  const { operation, pointer } = found;
  const response = operation.responses[String(status)];
  // A 401, and the 403 of a rate limit, may answer anything and are described once for the whole API.
  if (response === undefined)
    return status === 401 || status === 403 ? [] : [`${operation.operationId}: no ${String(status)}`];
  if ('$ref' in response) {
    const at = `github${response.$ref}/content/application~1json/schema`;
    return validate(at, body);
  }
  return response.content === undefined
    ? []
    : validate(`${pointer}/responses/${String(status)}/content/application~1json/schema`, body);
}

function resolve(parameter: Parameter): Parameter {
  if (parameter.$ref === undefined) return parameter;
  let at: unknown = description;
  for (const step of parameter.$ref.slice(2).split('/')) at = (at as Record<string, unknown>)[step];
  return at as Parameter;
}

function validate(pointer: string, value: unknown): readonly string[] {
  const validator = compiled.get(pointer) ?? ajv.compile({ $ref: pointer });
  compiled.set(pointer, validator);
  if (validator(value)) return [];
  return (validator.errors ?? []).map(
    ({ instancePath, message, params }) =>
      `${pointer}: ${instancePath} ${String(message)} ${JSON.stringify(params)}`,
  );
}
