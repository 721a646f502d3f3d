// Cuts the shape of Istio's kinds out of the CRDs of the Go module istio.io/api, for the rules schema-violation and
// duration-malformed. Run by hand, when a new Istio brings new fields:
//   go mod download -json istio.io/api@v1.31.4      (prints the module's directory as "Dir")
//   node test/lint/make-schemas.mjs DIR v1.31.4 > src/lint/schema/istio-schemas.ts
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';

const [directory, version] = process.argv.slice(2);
const file = join('kubernetes', 'customresourcedefinitions.gen.yaml');
const kinds = [
  'AuthorizationPolicy',
  'DestinationRule',
  'Gateway',
  'PeerAuthentication',
  'RequestAuthentication',
  'ServiceEntry',
  'Sidecar',
  'Telemetry',
  'VirtualService',
];

/** Schema words that bear on what the API server accepts, except CEL, whose meaning the other rules have. */
const kept = new Set([
  'additionalProperties',
  'allOf',
  'anyOf',
  'enum',
  'items',
  'maxItems',
  'maxLength',
  'maxProperties',
  'maximum',
  'minItems',
  'minLength',
  'minProperties',
  'minimum',
  'not',
  'nullable',
  'oneOf',
  'pattern',
  'properties',
  'required',
  'type',
  'x-kubernetes-int-or-string',
  'x-kubernetes-preserve-unknown-fields',
]);

/** Durations that no CEL rule marks. */
const otherDurations = new Set(['idleTimeout', 'budgetInterval']);

function clean(schema, name) {
  const result = {};
  for (const [word, value] of Object.entries(schema)) {
    if (!kept.has(word)) continue;
    if (word === 'properties')
      result[word] = Object.fromEntries(Object.entries(value).map(([key, each]) => [key, clean(each, key)]));
    else if (['oneOf', 'anyOf', 'allOf'].includes(word)) result[word] = value.map((each) => clean(each));
    else if (typeof value === 'object' && !Array.isArray(value)) result[word] = clean(value);
    else result[word] = value;
  }
  const rules = (schema['x-kubernetes-validations'] ?? []).map(({ rule }) => rule);
  if (rules.some((rule) => rule.includes('duration(self)'))) result.format = 'duration';
  else if (schema.type === 'string' && otherDurations.has(name)) result.format = 'duration-or-zero';
  return result;
}

const schemas = {};
const versions = {};
for (const document of parseAllDocuments(readFileSync(join(directory, file), 'utf8'))) {
  const { group, names, versions: all } = document.toJS()?.spec ?? {};
  if (group === undefined) continue;
  versions[`${group}/${names.kind}`] = all.filter(({ served }) => served).map(({ name }) => name);
  if (!kinds.includes(names.kind)) continue;
  const shapes = all.map(({ schema: { openAPIV3Schema } }) => {
    const { properties, ...rest } = clean(openAPIV3Schema);
    return JSON.stringify({ ...rest, properties: { spec: properties.spec } });
  });
  if (new Set(shapes).size > 1) throw new Error(`The versions of ${names.kind} have different shapes.`);
  schemas[names.kind] = JSON.parse(shapes[0]);
}
const text = JSON.stringify({ versions, schemas }).replaceAll('\\', '\\\\').replaceAll("'", "\\'");
process.stdout.write(
  `/** What Istio's CRDs say, made by test/lint/make-schemas.mjs from istio.io/api@${version}. JSON. */
export const istioSchemas =
  '${text}';
`,
);
