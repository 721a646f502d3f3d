import { describe, expect, it } from 'vitest';
import { layers } from './layers.ts';
import { withPicture } from './picture.ts';
import { readProject } from './project.ts';

const page = 'docs/ARCHITECTURE.md';
const project = readProject();

describe('docs/ARCHITECTURE.md', () => {
  it('draws the layers as they are', async () => {
    await expect(withPicture(project.get(page) ?? '')).toMatchFileSnapshot(
      new URL(`../../${page}`, import.meta.url).pathname,
    );
  });

  it('draws every folder of the code, and no other', () => {
    const folders = [...project.keys()].flatMap((path) =>
      path === 'src/start.ts'
        ? 'cli'
        : (/^(?:src\/([^/]+?)(?:\.ts$|\/)|(generators)\/)/.exec(path)?.slice(1).join('') ?? []),
    );

    expect([...new Set(folders)].sort()).toEqual(Object.keys(layers).sort());
  });

  it.each([page, 'CONTRIBUTING.md'])('names no file that is not there (%s)', (name) => {
    const named = [
      ...(project.get(name) ?? '').matchAll(/`((?:src|generators|templates|test|docs)\/[^`<>*… ]*)`/g),
    ];
    const paths = named.map(([, path = '']) => path);
    const isThere = (path: string) =>
      project.has(path) || [...project.keys()].some((each) => each.startsWith(`${path.replace(/\/$/, '')}/`));

    expect(paths.length).toBeGreaterThan(5);
    expect(paths.filter((path) => !isThere(path))).toEqual([]);
  });
});
