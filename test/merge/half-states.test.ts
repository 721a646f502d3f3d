import { describe, expect, it } from 'vitest';
import { mergeYaml } from '../../src/merge/merge.ts';

const base = 'services:\n  web:\n    image: web:1\n    ports: ["80:80"]\n  db:\n    image: db:1\n';
const edited = base.replace('["80:80"]\n', '["80:80"]\n    user: app\n');
const without = base.replace(/ {2}web:\n(?: {4}.*\n)+/, '');

describe('a map that one person deleted and another one added to', () => {
  it.each([
    ['ours added', edited, without],
    ['ours deleted', without, edited],
  ])('is a conflict with ours whole in force: %s', (_, ours, theirs) => {
    const merged = mergeYaml({ base, ours, theirs }, 'compose.yaml', 'people');

    expect(merged).toMatchObject({
      ok: true,
      value: { text: ours, conflicts: [{ path: ['services', 'web'] }] },
    });
  });

  it('leaves what people added where templates drop the rest', () => {
    const merged = mergeYaml({ base, ours: edited, theirs: without }, 'compose.yaml');

    expect(merged).toMatchObject({ ok: true, value: { conflicts: [] } });
    expect(merged.ok && merged.value.text).toContain('user: app');
  });
});
