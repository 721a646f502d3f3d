import { readFile } from 'node:fs/promises';
import { failure, success, type Outcome } from '../model/problem.ts';
import { hideSecret } from './redact.ts';

/** How this process proves who it is; held in memory and in the environment of git only. */
export type Credentials =
  | { readonly kind: 'token'; readonly token: string }
  | {
      readonly kind: 'app';
      readonly appId: string;
      readonly privateKey: string;
      readonly installationId: number;
    };

/** Reads credentials from the environment: MESHWRIGHT_GITHUB_TOKEN, GITHUB_TOKEN or GH_TOKEN; or a GitHub App by
 *  MESHWRIGHT_APP_ID, MESHWRIGHT_APP_INSTALLATION_ID and MESHWRIGHT_APP_PRIVATE_KEY or …_FILE.
 *  @see https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app */
export async function readCredentials(
  environment: Readonly<Record<string, string | undefined>>,
): Promise<Outcome<Credentials>> {
  const appId = environment.MESHWRIGHT_APP_ID ?? '';
  if (appId !== '') {
    const file = environment.MESHWRIGHT_APP_PRIVATE_KEY_FILE ?? '';
    const privateKey =
      file === ''
        ? (environment.MESHWRIGHT_APP_PRIVATE_KEY ?? '')
        : await readFile(file, 'utf8').catch(() => '');
    hideSecret(privateKey);
    const installationId = Number(environment.MESHWRIGHT_APP_INSTALLATION_ID);
    if (privateKey !== '' && Number.isInteger(installationId) && installationId > 0)
      return success({ kind: 'app', appId, privateKey: privateKey.replaceAll('\\n', '\n'), installationId });
    return failure({
      rule: 'credentials-incomplete',
      severity: 'error',
      message: 'MESHWRIGHT_APP_ID is set, but the key or the installation is missing or not readable.',
      fix: 'Set MESHWRIGHT_APP_PRIVATE_KEY_FILE (or MESHWRIGHT_APP_PRIVATE_KEY) and MESHWRIGHT_APP_INSTALLATION_ID.',
    });
  }
  const token = [environment.MESHWRIGHT_GITHUB_TOKEN, environment.GITHUB_TOKEN, environment.GH_TOKEN].find(
    (each) => each !== undefined && each !== '',
  );
  if (token !== undefined) return success({ kind: 'token', token: token.trim() });
  return failure({
    rule: 'credentials-missing',
    severity: 'error',
    message: 'No GitHub credentials were found in the environment.',
    fix: 'Set GITHUB_TOKEN, or the variables of a GitHub App (see docs/FLEET.md).',
    see: 'https://docs.github.com/en/authentication/keeping-your-account-and-data-secure/managing-your-personal-access-tokens',
  });
}
