// Cuts the CRDs that Meshwright writes or reads out of the Go module istio.io/api.
//   go mod download -json istio.io/api@v1.31.4      (prints the module's directory as "Dir")
//   node test/schemas/extract-istio-crds.mjs DIR v1.31.4 > test/schemas/istio-crds/1.31.json
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';

const [directory, version] = process.argv.slice(2);
const file = join('kubernetes', 'customresourcedefinitions.gen.yaml');
const text = readFileSync(join(directory, file), 'utf8');
const kinds = ['AuthorizationPolicy', 'DestinationRule', 'Gateway', 'PeerAuthentication', 'ServiceEntry', 'Sidecar', 'Telemetry', 'VirtualService'];

function clean(value) {
  if (Array.isArray(value)) return value.map(clean);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key, member]) => !(key === 'description' && typeof member === 'string'))
      .map(([key, member]) => [key, clean(member)]),
  );
}

const resources = {};
for (const document of parseAllDocuments(text)) {
  const crd = document.toJS();
  if (!kinds.includes(crd?.spec?.names?.kind)) continue;
  for (const { name, schema } of crd.spec.versions)
    resources[`${crd.spec.group}/${name}/${crd.spec.names.kind}`] = clean(schema.openAPIV3Schema);
}
const sha256 = createHash('sha256').update(text).digest('hex');
process.stdout.write(`${JSON.stringify({ source: `istio.io/api@${version} ${file}`, sha256, resources })}\n`);
