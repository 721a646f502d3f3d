import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { istioDefinitions, versions, type Resource } from './api-server.ts';

export const kubeconformBinary = fileURLToPath(
  new URL(`../../../.cache/judges/kubeconform-${versions.kubeconform}/kubeconform`, import.meta.url),
);

interface Version {
  readonly name: string;
  readonly schema: { readonly openAPIV3Schema: Schema };
}

interface Schema {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly [keyword: string]: unknown;
}

/** kubeconform with the schemas of one Istio minor's CRDs, unknown fields refused. */
export class Kubeconform {
  readonly #folder = mkdtempSync(join(tmpdir(), 'meshwright-kubeconform-'));

  constructor(istioMinor: string) {
    for (const { spec } of istioDefinitions(istioMinor) as readonly (Resource & {
      readonly spec: {
        readonly group: string;
        readonly names: { readonly kind: string };
        readonly versions: readonly Version[];
      };
    })[]) {
      const folder = join(this.#folder, spec.group);
      mkdirSync(folder, { recursive: true });
      for (const { name, schema } of spec.versions)
        writeFileSync(
          join(folder, `${spec.names.kind.toLowerCase()}_${name}.json`),
          JSON.stringify(withKubernetesFields(schema.openAPIV3Schema)),
        );
    }
  }

  /** Where it finds the schemas. */
  get location(): string {
    return `${this.#folder}/{{.Group}}/{{.ResourceKind}}_{{.ResourceAPIVersion}}.json`;
  }

  /** What it says against resources; empty when all are valid. A kind without a schema is said, never skipped. */
  says(resources: readonly Resource[]): readonly string[] {
    const { status, stdout, stderr, error } = spawnSync(
      kubeconformBinary,
      ['-strict', '-output=json', '-verbose', `-schema-location=${this.location}`, '-'],
      { encoding: 'utf8', input: resources.map((each) => JSON.stringify(each)).join('\n---\n') },
    );
    if (error !== undefined) throw error;
    const report = JSON.parse(stdout) as {
      readonly resources: readonly {
        readonly kind: string;
        readonly name: string;
        readonly status: string;
        readonly msg: string;
      }[];
    };
    const judged = report.resources.length;
    const said = report.resources
      .filter((each) => each.status !== 'statusValid')
      .map((each) => `${each.kind} ${each.name}: ${each.status} ${each.msg}`);
    if (judged !== resources.length)
      said.push(`${String(judged)} of ${String(resources.length)} were judged`);
    if (status !== 0 && said.length === 0) said.push(stderr);
    return said;
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** A CRD's schema does not mention what every object has. */
function withKubernetesFields(schema: Schema): Schema {
  const closed = close(schema);
  const common = {
    apiVersion: { type: 'string' },
    kind: { type: 'string' },
    metadata: { type: 'object' },
  };
  return { ...closed, properties: { ...closed.properties, ...common } };
}

/** The same schema, refusing fields it does not name. */
function close(schema: Schema): Schema {
  const closed = Object.entries(schema).map(([keyword, value]): [string, unknown] => {
    if (keyword === 'properties' && isMap(value))
      return [
        keyword,
        Object.fromEntries(Object.entries(value).map(([name, each]) => [name, close(each as Schema)])),
      ];
    if ((keyword === 'items' || keyword === 'additionalProperties') && isMap(value))
      return [keyword, close(value)];
    return [keyword, value];
  });
  const isOpen =
    schema.properties === undefined ||
    schema.additionalProperties !== undefined ||
    schema['x-kubernetes-preserve-unknown-fields'] === true;
  return { ...Object.fromEntries(closed), ...(!isOpen && { additionalProperties: false }) };
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
