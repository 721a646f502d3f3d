import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { AccessSource } from './git-run.ts';

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
): Promise<AccessSource> {
  await mkdir(cache, { recursive: true, mode: 0o700 });
  const script = join(cache, 'askpass.sh');
  // By rename, and only when it is another: git may be running it for someone else.
  if ((await readFile(script, 'utf8').catch(() => '')) !== askpass) {
    const draft = join(cache, `askpass-${randomUUID()}`);
    await writeFile(draft, askpass, { mode: 0o700 });
    await rename(draft, script);
  }
  const { protocol, host } = new URL(origin);
  return async () => {
    const password = await token();
    return {
      environment: {
        GIT_ASKPASS: script,
        MESHWRIGHT_GIT_ORIGIN: `${protocol}//${host}`,
        MESHWRIGHT_GIT_ORIGIN_AS: `${protocol}//${user}@${host}`,
        MESHWRIGHT_GIT_USERNAME: user,
        MESHWRIGHT_GIT_PASSWORD: password,
      },
      secrets: [password],
    };
  };
}

/** Where git clones from, given the REST root: github.com for api.github.com, and so for a tenant of ghe.com; the same host
 *  for GitHub Enterprise Server. */
export function gitOrigin(api: string): string {
  const { protocol, host } = new URL(api);
  const isSplit = host === 'api.github.com' || /^api\.[^.]+\.ghe\.com$/.test(host);
  return isSplit ? `https://${host.slice('api.'.length)}` : `${protocol}//${host}`;
}
