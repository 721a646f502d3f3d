import type { Project } from './units/unit.ts';

/** What happens to a project in a test. */
export type Change = (before: Project) => Project;

/** The project without the files whose path begins so. */
export const without =
  (...starts: readonly string[]): Change =>
  (before) => {
    const after = new Map([...before].filter(([path]) => !starts.some((start) => path.startsWith(start))));
    if (after.size === before.size) throw new Error(`nothing begins with ${starts.join(', ')}`);
    return after;
  };

/** The project with a text in place of what matches in one file. */
export const edit =
  (path: string, from: string | RegExp, to: string): Change =>
  (before) => {
    const text = before.get(path) ?? '';
    const changed = text.replace(from, to);
    if (changed === text) throw new Error(`${path} has no ${String(from)}`);
    return new Map([...before, [path, changed]]);
  };

/** The project with one more file, or another text in its place. */
export const add =
  (path: string, text: string): Change =>
  (before) =>
    new Map([...before, [path, text]]);

/** One change after the other. */
export const all =
  (...changes: readonly Change[]): Change =>
  (before) =>
    changes.reduce((now, change) => change(now), before);
