import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import ts from 'typescript';

/**
 * Which tests of the project `unit` reach a file, by following imports backwards.
 *
 * @param {string} root the checkout
 * @returns {(path: string) => string[]} the files of tests that import it, directly or through others, the nearest first
 */
export function testsReaching(root) {
  const importers = new Map();
  for (const path of ['src', 'generators', 'test'].flatMap((folder) => filesBelow(root, folder))) {
    const { importedFiles } = ts.preProcessFile(readFileSync(join(root, path), 'utf8'), true, true);
    for (const { fileName } of importedFiles) {
      if (!fileName.startsWith('.')) continue;
      const target = posix.join(dirname(path), fileName);
      importers.set(target, [...(importers.get(target) ?? []), path]);
    }
  }
  return (path) => {
    const reached = new Set([path]);
    for (const each of reached) for (const importer of importers.get(each) ?? []) reached.add(importer);
    return [...reached].filter(isUnitTest);
  };
}

/** As in vitest.config.ts. */
function isUnitTest(path) {
  return path.endsWith('.test.ts') && !/^test\/(?:e2e|judges|architecture)\//.test(path);
}

/** @returns {string[]} TypeScript below a folder, sorted, with `/` */
export function filesBelow(root, folder) {
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => posix.join(entry.parentPath.slice(root.length).replaceAll('\\', '/'), entry.name))
    .map((path) => path.replace(/^\//, ''))
    .sort();
}
