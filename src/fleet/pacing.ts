import { z } from 'zod';
import type { ForgeLimits } from '../model/fleet.ts';
import type { Gates } from '../model/waves.ts';
import { dayText, list, map, oneOf, reasonText, text } from './shapes.ts';

/** A span of time as people write it. */
const duration = z
  .string({ error: 'a duration such as 30m, 24h or 3d' })
  .regex(/^[0-9]{1,5}[smhd]$/, { error: 'a duration such as 30m, 24h or 3d' });

const count = (most: number) =>
  z
    .int({ error: `a number from 1 to ${String(most)}` })
    .min(1, { error: `a number from 1 to ${String(most)}` })
    .max(most, { error: `a number from 1 to ${String(most)}` });

export const limitsShape = map(
  {
    concurrency: count(100).optional().describe('Concurrent requests. Default: 8.'),
    secondsBetweenWrites: z
      .number({ error: 'a number of seconds' })
      .min(0, { error: 'a number of seconds' })
      .max(60, { error: 'at most 60 seconds' })
      .optional()
      .describe('Seconds from one write to the next. Default: 1.'),
    creationsPerMinute: count(10_000)
      .optional()
      .describe('New pull requests, comments and review requests per minute. Default: 80.'),
    creationsPerHour: count(100_000).optional().describe('The same per hour. Default: 500.'),
    pointsPerMinute: count(1_000_000)
      .optional()
      .describe('Points per minute; a read costs one, a write five. Default: 900.'),
    patience: duration
      .optional()
      .describe('Longest wait for a rate limit before the run ends with a problem. Default: 1h.'),
  },
  'a map of limits',
);

/** GitHub's own advice; an Enterprise Server often has no limits.
 *  @see https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api#about-secondary-rate-limits */
export function resolveLimits(written: z.output<typeof limitsShape> | undefined): ForgeLimits {
  return {
    concurrency: written?.concurrency ?? 8,
    secondsBetweenWrites: written?.secondsBetweenWrites ?? 1,
    creationsPerMinute: written?.creationsPerMinute ?? 80,
    creationsPerHour: written?.creationsPerHour ?? 500,
    pointsPerMinute: written?.pointsPerMinute ?? 900,
    patienceSeconds: secondsOf(written?.patience ?? '1h'),
  };
}

const soak = duration.optional();

export const gatesShape = map(
  {
    soak: map(
      {
        infrastructure: soak.describe("After a cluster's own pull request. Default: 0s."),
        pilot: soak.describe('After each pull request of the first wave. Default: 3d.'),
        wave: soak.describe('After each pull request of the other waves. Default: 1h.'),
        strict: soak.describe('After a cluster refuses plaintext. Default: 24h.'),
      },
      'a map of durations',
    )
      .optional()
      .describe('Time between a merge and the next pull request.'),
    verification: oneOf(['required', 'none'])
      .optional()
      .describe('Whether someone must confirm that what was merged works. Default: required.'),
    verified: list(
      map(
        {
          target: text(
            'a target such as shop@lab or cluster/lab-eu-1',
            /^(?:cluster\/[a-z0-9-]{1,63}|[a-z0-9-]{1,63}@[a-z0-9-]{1,63})$/,
          ).describe(
            'Target that was moved without a Meshwright pull request, or whose verification was lost.',
          ),
          stage: oneOf(['joined', 'enforced', 'permissive', 'strict']).describe('Stage the target is at.'),
          since: dayText.describe('Day it reached the stage; soak times count from the end of that day.'),
          reason: reasonText.describe('How you know that it works on the cluster.'),
        },
        'a map with target, stage, since and reason',
      ),
      'statements',
    )
      .optional()
      .describe('Your statements about targets without evidence in pull requests; gates accept them.'),
  },
  'a map with soak, verification and verified',
);

/** The field report's plan: three to five days for the pilot, a day after STRICT, every namespace verified (FIELD-REPORT 5). */
export function resolveGates(written: z.output<typeof gatesShape> | undefined): Gates {
  const { infrastructure, pilot, wave, strict } = written?.soak ?? {};
  return {
    soakSeconds: {
      infrastructure: secondsOf(infrastructure ?? '0s'),
      pilot: secondsOf(pilot ?? '3d'),
      wave: secondsOf(wave ?? '1h'),
      strict: secondsOf(strict ?? '24h'),
    },
    verification: written?.verification ?? 'required',
    verified: written?.verified ?? [],
  };
}

const seconds = { s: 1, m: 60, h: 3600, d: 86_400 } as const;

/** @param text  of the shape `duration` */
function secondsOf(text: string): number {
  return Number(text.slice(0, -1)) * seconds[text.slice(-1) as keyof typeof seconds];
}
