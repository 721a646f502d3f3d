import { networkFault } from './network-fault.ts';
import type { Problem } from '../model/problem.ts';
import type { GitError } from './git-run.ts';

interface GitFailure {
  readonly pattern: RegExp;
  readonly rule: string;
  readonly message: string;
  readonly fix: string;
}

const readings: readonly GitFailure[] = [
  {
    pattern: /^spawn \S+ E[A-Z]+$|^Error: spawn /m,
    rule: 'forge-git',
    message: 'git could not be started.',
    fix: 'Install git, and make sure that it is found by PATH.',
  },
  {
    pattern:
      /unpacker error|unable to create temporary|No space left on device|Disk quota exceeded|Read-only file system|unable to write|insufficient permission for adding/i,
    rule: 'forge-storage',
    message:
      'There was no room for the objects, in the cache or on the forge, or they may not be written there.',
    fix: 'Make room, or give this user the right to write there; then run again: nothing is done twice.',
  },
  {
    pattern:
      /stale info|fetch first|non-fast-forward|cannot lock ref|failed to update ref|reference already exists/i,
    rule: 'forge-branch-moved',
    message: 'The branch was changed by someone else in the meantime; nothing of theirs was overwritten.',
    fix: 'Run again: it starts from what is there now.',
  },
  {
    pattern: /protected branch|GH006|GH013|hook declined|\[remote rejected\]/i,
    rule: 'forge-protected-branch',
    message: 'The forge refused the push: a rule or hook protects that branch.',
    fix: 'Allow this account to create branches with the prefix of forge.branchPrefix, then run again.',
  },
  {
    pattern:
      /Authentication failed|could not read (?:Username|Password)|terminal prompts disabled|returned error: 40[13]|HTTP 40[13]/i,
    rule: 'forge-unauthorized',
    message: 'The forge did not accept the credentials for git.',
    fix: 'Check that the token is valid and may read and write the contents of this repository.',
  },
  {
    pattern:
      /repository (?:'[^'\n]*' )?not found|does not appear to be a git repository|returned error: 404|HTTP 404|not a git repository/i,
    rule: 'forge-not-found',
    message: 'There is no such repository, or the credentials may not see it.',
    fix: 'Check repository in fleet.yaml, and what the token may access.',
  },
  {
    pattern:
      /Could not resolve host|unable to access|Connection|early EOF|RPC failed|hung up|timed? ?out|unexpected disconnect|transfer closed|bytes? of body|invalid index-pack|bad line length/i,
    rule: 'forge-network',
    message: 'The connection to the forge failed.',
    fix: 'Run again: what is done is kept, and nothing is done twice.',
  },
];

/** What git's failure means for the person.
 *  @see https://docs.github.com/en/repositories/configuring-branches-and-merges-in-your-repository/managing-protected-branches */
export function gitProblem(error: GitError, repository: string): Problem {
  const reading = networkFault(error) ?? readings.find(({ pattern }) => pattern.test(error.message));
  const detail = error.message
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => /^(?:remote|fatal|error| ?!)/.test(line))
    .slice(0, 4)
    .join(' | ');
  return {
    rule: reading?.rule ?? 'forge-git',
    severity: 'error',
    message: `${repository}: ${reading?.message ?? 'git failed.'}${detail === '' ? '' : ` (${detail})`}`,
    fix: reading?.fix ?? 'Fix that and run again.',
  };
}
