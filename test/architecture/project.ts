import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Project } from './units/unit.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const folders = ['src', 'generators', 'templates', 'docs', 'test'];
const pages = ['README.md', 'CHANGELOG.md', 'CONTRIBUTING.md', 'package.json'];

/** The texts of the checkout that units, layers and documents are held to each other by. */
export function readProject(): Project {
  const below = folders.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && /\.(?:ts|mjs|hbs|md|ya?ml|txt|jsonl?|expected)$/.test(entry.name))
      .map((entry) => join(entry.parentPath, entry.name).slice(root.length).replaceAll('\\', '/')),
  );
  return new Map([...below, ...pages].sort().map((path) => [path, readFileSync(join(root, path), 'utf8')]));
}
