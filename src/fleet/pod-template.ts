import { objectAt, type JsonObject } from '../model/json.ts';
import type { Manifest } from '../model/manifest.ts';

const long = new Set(['Deployment', 'StatefulSet', 'DaemonSet', 'Rollout']);

/** The pod template of a workload that runs on; undefined for every other object. */
export function podTemplate(manifest: Manifest): JsonObject | undefined {
  return long.has(manifest.kind) ? objectAt(manifest.built, 'spec', 'template') : undefined;
}
