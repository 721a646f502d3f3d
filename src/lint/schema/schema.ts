import type { JsonValue } from '../../model/json.ts';
import type { Resource } from '../../model/resource.ts';
import { istioSchemas } from './istio-schemas.ts';

/** The words of OpenAPI that Istio's CRDs use. */
export interface Schema {
  readonly type?: 'object' | 'array' | 'string' | 'integer' | 'number' | 'boolean';
  /** `duration`, at least 1ms; `duration-or-zero`. */
  readonly format?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema;
  readonly items?: Schema;
  readonly enum?: readonly JsonValue[];
  readonly required?: readonly string[];
  readonly oneOf?: readonly Schema[];
  readonly anyOf?: readonly Schema[];
  readonly allOf?: readonly Schema[];
  readonly not?: Schema;
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly minProperties?: number;
  readonly maxProperties?: number;
  readonly nullable?: boolean;
  readonly 'x-kubernetes-int-or-string'?: boolean;
  readonly 'x-kubernetes-preserve-unknown-fields'?: boolean;
}

interface Schemas {
  /** Versions that are served, by `group/Kind`. */
  readonly versions: Readonly<Record<string, readonly string[]>>;
  readonly schemas: Readonly<Record<string, Schema>>;
}

let parsed: Schemas | undefined;

function schemas(): Schemas {
  parsed ??= JSON.parse(istioSchemas) as Schemas;
  return parsed;
}

/** The kinds whose shape is known, all versions of a kind having the same. */
export const shapedKinds = [
  'AuthorizationPolicy',
  'DestinationRule',
  'Gateway',
  'PeerAuthentication',
  'RequestAuthentication',
  'ServiceEntry',
  'Sidecar',
  'Telemetry',
  'VirtualService',
] as const;

/** What the CRD of an object says of its shape; undefined: none of `shapedKinds`. */
export function schemaOf({ known }: Pick<Resource, 'known'>): Schema | undefined {
  return known !== undefined && Object.hasOwn(schemas().schemas, known)
    ? schemas().schemas[known]
    : undefined;
}

/** The versions of a kind that Istio serves; undefined: no such kind in this group. */
export function servedVersions(group: string, kind: string): readonly string[] | undefined {
  const key = `${group}/${kind}`;
  return Object.hasOwn(schemas().versions, key) ? schemas().versions[key] : undefined;
}

/** The groups that Istio has this kind in. */
export function groupsOf(kind: string): readonly string[] {
  return Object.keys(schemas().versions).flatMap((key) => {
    const [group = '', name] = key.split('/');
    return name === kind ? group : [];
  });
}
