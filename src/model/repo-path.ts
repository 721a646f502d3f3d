import { posix } from 'node:path';
import type { RepoPath } from './named.ts';

/** @returns the normalised path, or undefined when `text` is absolute, leaves the repository, or names `.git` */
export function parseRepoPath(text: string): RepoPath | undefined {
  if (text.startsWith('/') || text.includes('\\') || text.includes('\0') || /^[A-Za-z]:/.test(text))
    return undefined;
  const normal = posix.normalize(text === '' ? '.' : text).replace(/\/$/, '');
  if (normal === '..' || normal.startsWith('../')) return undefined;
  if (normal.split('/').some((part) => part.toLowerCase() === '.git')) return undefined;
  return (normal === '.' ? '' : normal) as RepoPath;
}

/** `relative` seen from `directory`; undefined when that leaves the repository. */
export function joinRepoPath(directory: RepoPath, relative: string): RepoPath | undefined {
  if (relative.startsWith('/')) return undefined;
  return parseRepoPath(directory === '' ? relative : `${directory}/${relative}`);
}

export function directoryOf(path: RepoPath): RepoPath {
  const directory = posix.dirname(path);
  return (directory === '.' ? '' : directory) as RepoPath;
}

export function baseName(path: RepoPath): string {
  return posix.basename(path);
}

/** Whether `path` lies in `directory` or below it. */
export function isBelow(path: RepoPath, directory: RepoPath): boolean {
  return directory === '' || path === directory || path.startsWith(`${directory}/`);
}
