import { describe, expect, it } from 'vitest';
import type { PlannedTarget, TargetResult } from '../../src/model/bundle.ts';
import type { RepoPath, RepositoryId, TargetId } from '../../src/model/named.ts';
import { paint } from '../../src/report/paint.ts';
import {
  describeDue,
  describePlans,
  describeResult,
  plansAsJson,
  resultsAsJson,
} from '../../src/report/targets.ts';

const warning = { rule: 'w', severity: 'warning', message: 'Look.' } as const;

const planned: PlannedTarget = {
  target: 'shop@lab' as TargetId,
  bundles: [
    {
      target: 'shop@lab' as TargetId,
      repository: 'acme/shop' as RepositoryId,
      changes: [
        { path: 'deploy/new.yaml' as RepoPath, before: undefined, after: 'a: 1\n' },
        { path: 'deploy/old.yaml' as RepoPath, before: 'a: 1\n', after: 'a: 2\n' },
      ],
      notes: [],
      conflicts: [],
      problems: [warning],
    },
  ],
  problems: [warning],
};
const idle: PlannedTarget = { target: 'shop@dev' as TargetId, bundles: [], problems: [] };

describe('the JSON of render, apply and diff', () => {
  it('has a result for each target and each of its files, and a summary', () => {
    expect(JSON.parse(JSON.stringify(plansAsJson([planned, idle])))).toEqual({
      results: [
        {
          target: 'shop@lab',
          changes: [
            {
              repository: 'acme/shop',
              path: 'deploy/new.yaml',
              action: 'add',
              diff: expect.stringContaining('+a: 1\n') as string,
              after: 'a: 1\n',
            },
            {
              repository: 'acme/shop',
              path: 'deploy/old.yaml',
              action: 'modify',
              diff: expect.stringContaining('-a: 1\n+a: 2\n') as string,
              after: 'a: 2\n',
            },
          ],
          conflicts: [],
          problems: [{ ...warning, equivalent: [], fixable: false }],
        },
        { target: 'shop@dev', changes: [], conflicts: [], problems: [] },
      ],
      summary: { targets: 2, changed: 1, errors: 0, warnings: 1 },
    });
  });
});

describe('what is due', () => {
  const unread = { rule: 'forge-network', severity: 'error', message: 'No.' } as const;
  const linesOf = (...all: readonly PlannedTarget[]) => describeDue(all, paint(false, false)).split('\n');

  it('is unknown of a target that could not be read, and up to date is none of that', () => {
    expect(
      linesOf(idle, { ...idle, problems: [unread] }, { ...idle, problems: [{ ...unread, rule: 'x' }] }),
    ).toEqual([
      'shop@dev  up to date',
      'shop@dev  not known: it could not be read, see below',
      'shop@dev  refused, see below',
      '',
    ]);
  });

  it('of a target of two repositories says that one of them could not be read', () => {
    expect(linesOf(planned, { ...planned, problems: [unread] })).toEqual([
      'shop@lab  due: 2 files change',
      'shop@lab  due: 2 files change, and the rest could not be read',
      '',
    ]);
  });
});

describe('the JSON of open', () => {
  it('has target, outcome, url, reason and conflicts of each result, and a count of each outcome', () => {
    const results: readonly TargetResult[] = [
      { target: 'shop@lab', outcome: 'opened', url: 'https://forge/1', problems: [] },
      { target: 'cart@lab', outcome: 'failed', reason: 'No answer.', problems: [] },
    ];

    expect(JSON.parse(JSON.stringify(resultsAsJson(results)))).toEqual({
      results: [
        { target: 'shop@lab', outcome: 'opened', url: 'https://forge/1', problems: [], conflicts: [] },
        { target: 'cart@lab', outcome: 'failed', reason: 'No answer.', problems: [], conflicts: [] },
      ],
      summary: { targets: 2, opened: 1, failed: 1 },
    });
  });
});

describe('for a person', () => {
  const plain = paint(false, true);

  it('plans come target by target, each file as a diff, and nothing to change is said', () => {
    const text = describePlans([planned, idle], plain);

    expect(text).toMatch(
      /^shop@lab: 2 files change \(1 warning\)\n# acme\/shop\ndiff --git a\/deploy\/new\.yaml/,
    );
    expect(text).toMatch(/\nshop@dev: nothing to change\n$/);
  });

  it('results stand in columns, with the pull requests to merge first', () => {
    const result: TargetResult = {
      target: 'shop@lab',
      outcome: 'opened',
      url: 'https://forge/2',
      related: [{ repository: 'acme/platform', url: 'https://forge/1' }],
      problems: [warning],
    };

    expect(describeResult(result, 12, plain)).toBe(
      'opened    shop@lab      https://forge/2  after https://forge/1  (1 warning)',
    );
  });

  it('a failure shows no address, as if there were one to look at', () => {
    const result: TargetResult = {
      target: 'shop@lab',
      outcome: 'failed',
      url: 'https://forge/2',
      problems: [],
    };

    expect(describeResult(result, 8, plain)).toBe('failed    shop@lab');
  });
});
