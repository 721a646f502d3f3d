import type { RepositoryId } from '../model/named.ts';
import { withoutEnd } from '../model/without-end.ts';

/** Where a Git URL leads, in a form that can be compared: no scheme, user, port, `.git` or slash at the end, in lower case.
 *  Flux itself takes `https://`, `http://` and `ssh://`; the form of scp is what people have in their remotes. Azure DevOps
 *  writes one repository in two ways.
 *  @returns undefined: it is none of these
 *  @see https://fluxcd.io/flux/components/source/gitrepositories/#url */
export function repositoryKey(url: string): string | undefined {
  const scp = /^(?:[\w.-]+@)?([\w.-]+):(?!\/\/)([^\s]+)$/.exec(url);
  const plain = /^(?:https?|ssh):\/\/(?:[^@/\s]*@)?([^/:\s]+)(?::\d+)?\/([^\s?#]+)/i.exec(url);
  const [, host, path] = plain ?? scp ?? [];
  if (host === undefined || path === undefined) return undefined;
  const where = host.toLowerCase() === 'ssh.github.com' ? 'github.com' : host.toLowerCase();
  const parts = path
    .toLowerCase()
    .split('/')
    .filter((part) => part !== '');
  const last = parts.pop()?.replace(/\.git$/, '');
  if (last === undefined || last === '') return undefined;
  return azureKey(where, [...parts, last]) ?? [where, ...parts, last].join('/');
}

/** The host of a Git URL, in lower case, and the repository there as GitHub names them: `owner/name`.
 *  @returns undefined: the URL is none, or leads deeper or less deep than that */
export function hostedRepository(
  url: string,
): { readonly host: string; readonly repository: RepositoryId } | undefined {
  const [host, ...path] = repositoryKey(url)?.split('/') ?? [];
  if (host === undefined || path.length !== 2) return undefined;
  const name = path.join('/').length;
  // As it is written: a folder of repositories tells capital letters apart.
  const [before = ''] = url.split(/[?#]/, 1);
  const written = withoutEnd(before, '/').replace(/\.git$/i, '');
  return { host, repository: written.slice(-name) as RepositoryId };
}

/** `dev.azure.com/org/project/_git/repo` and `ssh.dev.azure.com/v3/org/project/repo` are one repository. */
function azureKey(host: string, parts: readonly string[]): string | undefined {
  if (host === 'dev.azure.com') return [host, ...parts.filter((part) => part !== '_git')].join('/');
  if (host !== 'ssh.dev.azure.com') return undefined;
  const [version, ...rest] = parts;
  return version === 'v3' ? ['dev.azure.com', ...rest].join('/') : undefined;
}
