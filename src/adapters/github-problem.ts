import type { Problem } from '../model/problem.ts';
import { OtherHost } from './github-fetch.ts';
import { networkFault } from './network-fault.ts';
import { redact } from './redact.ts';

/** What a failed request to GitHub means for the person; undefined when it is none of GitHub's failures.
 *  @see https://docs.github.com/en/rest/using-the-rest-api/troubleshooting-the-rest-api */
export function githubProblem(
  error: unknown,
  repository: string,
  secrets: readonly string[],
): Problem | undefined {
  if (!(error instanceof Error) || !('status' in error) || typeof error.status !== 'number') return undefined;
  const message = redact(error.message.split('\n')[0] ?? '', secrets);
  const problem = (rule: string, said: string, fix: string): Problem => ({
    rule,
    severity: 'error',
    message: `${repository}: ${said} (${message})`,
    fix,
  });
  if (error.cause instanceof OtherHost)
    return problem(
      'forge-other-host',
      'GitHub answered with a URL on another host. The token was not sent there.',
      'Find out what answers for the API host: a proxy or an attacker may be in between.',
    );
  const fault = networkFault(error);
  if (fault !== undefined) return problem(fault.rule, fault.message, fault.fix);
  if (error.status === 401)
    return problem(
      'forge-unauthorized',
      'GitHub did not accept the token.',
      'Set a valid GITHUB_TOKEN; it may have expired.',
    );
  if (error.status === 429 || /rate limit/i.test(error.message))
    return problem(
      'forge-rate-limited',
      "GitHub's rate limit has been reached.",
      'Wait until the limit resets, then run again; what is done is kept.',
    );
  if (error.status === 403)
    return problem(
      'forge-forbidden',
      'GitHub refused the request.',
      'Give the token read and write access to contents and pull requests of this repository; authorise it for SSO.',
    );
  if (error.status === 404)
    return problem(
      'forge-not-found',
      'There is no such repository, or the token may not see it.',
      'Check repository in fleet.yaml, and what the token may access.',
    );
  if (error.status === 422)
    return problem(
      'forge-refused',
      'GitHub did not accept the pull request.',
      'Fix what it reports, then run again.',
    );
  return problem(
    'forge-network',
    'GitHub could not be reached or failed.',
    'Run again: what is done is kept, and nothing is done twice.',
  );
}
