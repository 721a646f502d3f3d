import { describe, expect, it } from 'vitest';
import { builtAt, gatewaysElsewhere, stages, targets } from './harness/bundles.ts';
import { istioctlSays } from './harness/istioctl.ts';

describe.each(targets.flatMap(([target]) => stages.map((stage) => [target, stage] as const)))(
  'istioctl has nothing to say of %s at %s:',
  (target, stage) => {
    it.each(['validate', 'analyze'] as const)('%s', (command) => {
      expect(istioctlSays(command, [...builtAt(stage, target), ...gatewaysElsewhere])).toEqual([]);
    });
  },
);
