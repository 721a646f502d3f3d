import { randomUUID } from 'node:crypto';
import { readFile, rename, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeFolder } from './folders.ts';
import { GitError, GitRunner, type AccessSource } from './git-run.ts';
import type { Network } from './network.ts';
import { hideSecret } from './redact.ts';

/** Answers git's questions for one host only, from the environment: the token is never an argument or in a file. */
const askpass = `#!/bin/sh
case "$1" in
  "Username for '$MESHWRIGHT_GIT_ORIGIN': ") printf '%s\\n' "$MESHWRIGHT_GIT_USERNAME" ;;
  "Password for '$MESHWRIGHT_GIT_ORIGIN_AS': ") printf '%s\\n' "$MESHWRIGHT_GIT_PASSWORD" ;;
  *) exit 1 ;;
esac
`;

const user = 'x-access-token';

/** Access to the git side of a GitHub host by token.
 *  @param origin  scheme and host, `https://github.com`
 *  @param token  asked for each git command: a GitHub App's lives an hour, and a wave may take longer
 *  @see https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app/authenticating-as-a-github-app-installation#about-authentication-as-a-github-app-installation */
export async function gitAccess(
  origin: string,
  token: () => Promise<string>,
  cache: string,
  network: Pick<Network, 'environment' | 'settings'>,
): Promise<AccessSource> {
  await makeFolder(cache, 0o700);
  const script = join(cache, 'askpass.sh');
  // By rename, and only when it is another: git may be running it for someone else.
  const present = await stat(script).catch(() => undefined);
  const isReady = present?.isFile() === true && (present.mode & 0o777) === 0o700;
  if (!isReady || (await readFile(script, 'utf8').catch(() => '')) !== askpass) {
    const draft = join(cache, `askpass-${randomUUID()}`);
    await writeFile(draft, askpass, { mode: 0o700 });
    await rename(draft, script);
  }
  const { protocol, host } = new URL(origin);
  return async () => {
    const password = await token();
    hideSecret(password);
    return {
      environment: {
        GIT_ASKPASS: script,
        MESHWRIGHT_GIT_ORIGIN: `${protocol}//${host}`,
        MESHWRIGHT_GIT_ORIGIN_AS: `${protocol}//${user}@${host}`,
        MESHWRIGHT_GIT_USERNAME: user,
        MESHWRIGHT_GIT_PASSWORD: password,
        ...network.environment,
      },
      secrets: [password],
      settings: network.settings,
    };
  };
}

/** How the operator's own git reaches https hosts: proxies and certificates. Nothing that starts a program, sends a header or
 *  switches checks off is among it. */
const carried = String.raw`^http\.(.*\.)?(proxy|proxyauthmethod|proxysslcainfo|sslcainfo|sslcapath|sslbackend|sslcert|sslkey)$`;

/** Those settings of the global and system configuration; none where there is no such file. */
export async function settingsOfOperator(cache: string): Promise<readonly (readonly [string, string])[]> {
  const git = new GitRunner(cache, 'operator');
  const answer = await git.text(['config', '--null', '--get-regexp', carried]).catch((error: unknown) => {
    if (error instanceof GitError) return '';
    throw error;
  });
  return answer.split('\0').flatMap((entry) => {
    const end = entry.indexOf('\n');
    return end < 0 ? [] : [[entry.slice(0, end), entry.slice(end + 1)] as const];
  });
}

/** Where git clones from, given the REST root: github.com for api.github.com, and so for a tenant of ghe.com; the same host
 *  for GitHub Enterprise Server. */
export function gitOrigin(api: string): string {
  const { protocol, host } = new URL(api);
  const isSplit = host === 'api.github.com' || /^api\.[^.]+\.ghe\.com$/.test(host);
  return isSplit ? `https://${host.slice('api.'.length)}` : `${protocol}//${host}`;
}
