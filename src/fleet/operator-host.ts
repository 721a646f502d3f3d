import { failure, success, type Outcome, type Problem } from '../model/problem.ts';
import { operatorFile } from './operator-file.ts';

/** The one GitHub host that credentials may be sent to, as the operator named it. */
export interface OperatorHost {
  /** Lower case, with a port that is not the scheme's own: `github.com`, `ghes.example.com:8443`. */
  readonly host: string;
  /** REST root, without a slash at the end. */
  readonly api: string;
  /** Who said so: `GH_HOST`, a configuration file, or `the default`. */
  readonly source: string;
}

/** In the order in which they are asked. The last two are those of GitHub's own tools.
 *  @see https://cli.github.com/manual/gh_help_environment
 *  @see https://docs.github.com/en/actions/reference/workflows-and-actions/variables */
const variables = ['MESHWRIGHT_GITHUB_HOST', 'GITHUB_API_URL', 'GH_HOST'] as const;

/** Which GitHub host the operator works with: an environment variable, the per-user configuration, or github.com.
 *  A file of a repository is never asked.
 *  @param config  the per-user configuration, when there is one
 *  @returns problems `github-host-invalid`, or those of a configuration that can't be read */
export function operatorHost(
  environment: Readonly<Record<string, string | undefined>>,
  config: { readonly file: string; readonly text: string } | undefined,
): Outcome<OperatorHost> {
  for (const name of variables) {
    const text = environment[name]?.trim() ?? '';
    if (text !== '') return parseHost(text, name);
  }
  const settings = operatorFile(config);
  if (!settings.ok) return settings;
  const configured = settings.value.github?.host;
  return configured === undefined || config === undefined
    ? parseHost('github.com', 'the default')
    : parseHost(configured, config.file);
}

/** @param text  a host, with a port perhaps, or a URL */
function parseHost(text: string, source: string): Outcome<OperatorHost> {
  const invalid = failure({
    rule: 'github-host-invalid',
    severity: 'error',
    message: `${source} does not name a GitHub host: "${text}".`,
    fix: 'Write a host such as ghes.example.com, or a URL such as https://ghes.example.com/api/v3.',
  });
  const hasScheme = /^https?:\/\//i.test(text);
  if (!hasScheme && /[/?#@\\]/.test(text)) return invalid;
  const whole = hasScheme ? text : `https://${text}`;
  if (!URL.canParse(whole)) return invalid;
  const url = new URL(whole);
  if ([url.username, url.password, url.search, url.hash].some((part) => part !== '')) return invalid;
  if (!/^[a-z0-9.-]+$/.test(url.hostname) && !url.hostname.startsWith('[')) return invalid;
  if (url.protocol === 'http:' && !isLoopback(url.hostname))
    return failure({
      rule: 'github-host-invalid',
      severity: 'error',
      message: `${source} names ${url.host} over plain HTTP, which would send the token unencrypted.`,
      fix: `Use https://${url.host}.`,
    });
  const host = webHost(url);
  const path = url.pathname.replace(/(?<!\/)\/+$/, '');
  const isApi = path !== '' || url.host !== host;
  return success({ host, api: isApi ? `${url.origin}${path}` : apiRoot(url.protocol, host), source });
}

/** Where requests go: the REST root that the fleet names, when it is of the operator's host.
 *  @param declared  `forge.api`; undefined: that of the operator's host
 *  @param file  the fleet file, for the problem
 *  @returns problem `github-host-refused` */
export function apiOf(declared: string | undefined, operator: OperatorHost, file: string): Outcome<string> {
  if (declared === undefined) return success(operator.api);
  const url = new URL(declared);
  const host = webHost(url);
  const refused = (problem: Pick<Problem, 'message' | 'fix'>) =>
    failure({ rule: 'github-host-refused', severity: 'error', file, ...problem });
  if (host !== operator.host)
    return refused({
      message: `forge.api names the GitHub host ${host}, but the operator named ${operator.host} (${operator.source}). Nothing was sent: a file in a repository must not choose who receives the token.`,
      fix: `If you trust ${host} with your token, run: export MESHWRIGHT_GITHUB_HOST=${host}`,
    });
  if (url.protocol === 'http:' && !isLoopback(url.hostname))
    return refused({
      message: `forge.api names ${host} over plain HTTP, which would send the token unencrypted.`,
      fix: `Write api: https://${host}/api/v3.`,
    });
  return success(declared);
}

/** The host that people and git use: github.com for api.github.com, and the same for a tenant of ghe.com.
 *  @see https://docs.github.com/en/enterprise-cloud@latest/admin/data-residency/network-details-for-ghecom */
function webHost(url: URL): string {
  const host = url.host.replace(/\.(?=$|:)/, '');
  return /^api\.(?:github\.com|[^.]+\.ghe\.com)$/.test(host) ? host.slice('api.'.length) : host;
}

function apiRoot(protocol: string, host: string): string {
  return /^(?:github\.com|[^.]+\.ghe\.com)$/.test(host)
    ? `https://api.${host}`
    : `${protocol}//${host}/api/v3`;
}

function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(?:\.\d{1,3}){3}$/.test(hostname);
}
