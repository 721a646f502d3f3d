import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { TemplateSet } from '../../src/model/bundle.ts';

const folder = fileURLToPath(new URL('../../templates/', import.meta.url));

/** The templates that the package ships. */
export const templates: TemplateSet = new Map(
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.hbs'))
    .map((name) => [name.replaceAll('\\', '/'), readFileSync(`${folder}${name}`, 'utf8')] as const),
);
