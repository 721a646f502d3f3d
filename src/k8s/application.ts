import type { Manifest } from '../model/manifest.ts';
import { podTemplatePath } from './pod-template.ts';

/** Whether an object makes its namespace one of an application: it makes pods, is called, or is a chart that brings both.
 *  Roles, monitors and the like stand in namespaces of others. */
export function isApplication(manifest: Manifest): boolean {
  const { group, kind } = manifest;
  return (
    podTemplatePath(manifest) !== undefined ||
    (group === 'helm.toolkit.fluxcd.io' && kind === 'HelmRelease') ||
    (group === '' && kind === 'Service')
  );
}
