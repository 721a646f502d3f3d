import { expect, it } from 'vitest';
import { mergeYaml } from '../../src/merge/merge.ts';

const service = (ports: string) =>
  `apiVersion: v1\nkind: Service\nmetadata:\n  name: web\nspec:\n  ports:\n${ports}`;

it('a port that says its TCP is the one that leaves it to the API server', () => {
  const base = service('    - port: 80\n      name: http\n    - port: 81\n      name: admin\n');
  const ours = service(
    '    - port: 80\n      protocol: TCP\n      name: http\n    - port: 81\n      name: admin\n',
  );
  const theirs = service(
    '    - port: 80\n      name: http\n      targetPort: 8080\n    - port: 81\n      name: admin\n',
  );

  const merged = mergeYaml({ base, ours, theirs }, 'web.yaml');

  if (!merged.ok) throw new Error('it can be read');
  expect(merged.value.conflicts).toEqual([]);
  expect(merged.value.text.match(/port: 80$/gm)).toHaveLength(1);
  expect(merged.value.text).toContain('protocol: TCP');
  expect(merged.value.text).toContain('targetPort: 8080');
});

it('ports of one number and two transports stay two', () => {
  const base = service('    - port: 53\n      protocol: UDP\n');
  const ours = service('    - port: 53\n      protocol: UDP\n    - port: 53\n      name: tcp\n');

  const merged = mergeYaml({ base, ours, theirs: base }, 'web.yaml');

  expect(merged.ok && merged.value.text).toBe(ours);
});
