import { isAbsolute } from 'node:path';
import { failure, success, type Outcome } from '../model/problem.ts';
import { operatorFile } from './operator-file.ts';

/** How the operator has charts rendered. No file of a repository has a say in it. */
export interface OperatorCharts {
  /** The path of helm; undefined: the one on PATH. */
  readonly program: string | undefined;
  /** Hosts that charts may be pulled from, in lower case; none: only charts in Git are rendered. */
  readonly hosts: readonly string[];
}

/** What renders charts: `MESHWRIGHT_HELM` and `MESHWRIGHT_CHART_HOSTS`, else `helm` in the per-user configuration.
 *  @param config  the per-user configuration, when there is one
 *  @returns problems `helm-program-invalid`, `chart-host-invalid`, or those of a configuration that can't be read */
export function operatorCharts(
  environment: Readonly<Record<string, string | undefined>>,
  config: { readonly file: string; readonly text: string } | undefined,
): Outcome<OperatorCharts> {
  const settings = operatorFile(config);
  if (!settings.ok) return settings;
  const { helm = {} } = settings.value;
  const own = environment.MESHWRIGHT_HELM?.trim() ?? '';
  const program = own === '' ? helm.program : own;
  if (program !== undefined && program !== 'off' && !isAbsolute(program))
    return failure({
      rule: 'helm-program-invalid',
      severity: 'error',
      message: `${JSON.stringify(program)} is not the path of helm: it must begin at the root, so that no repository decides what runs.`,
      fix: 'Write the whole path, such as /usr/local/bin/helm, or off.',
    });
  const named = environment.MESHWRIGHT_CHART_HOSTS?.split(/[\s,]+/).filter((host) => host !== '');
  const hosts = (named ?? helm.hosts ?? []).map((host) => host.toLowerCase());
  const wrong = hosts.find((host) => !/^[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?(?::\d{1,5})?$/.test(host));
  if (wrong !== undefined)
    return failure({
      rule: 'chart-host-invalid',
      severity: 'error',
      message: `${JSON.stringify(wrong)} is not a host that charts can be pulled from.`,
      fix: 'Write host names, such as ghcr.io, with a comma between them.',
    });
  return success({ program, hosts });
}
