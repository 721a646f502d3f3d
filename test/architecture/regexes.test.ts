import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { regexesIn, slowText } from './regexes.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));

function sourcesIn(folder: string) {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => `${folder}/${name.replaceAll('\\', '/')}`)
    .map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }));
}

describe('regular expressions', () => {
  it.each([
    'generators',
    ...readdirSync(join(root, 'src'), { withFileTypes: true }).flatMap((each) =>
      each.isDirectory() ? `src/${each.name}` : [],
    ),
  ])('of %s read the texts that are almost theirs in linear time', (folder) => {
    const slow = sourcesIn(folder)
      .flatMap(regexesIn)
      .flatMap(({ at, regex }) => {
        const text = slowText(regex);
        return text === undefined ? [] : [`${at} ${String(regex)} of ${text}`];
      });

    expect(slow).toEqual([]);
  });

  it.each([
    /^\/+|\/+$/g,
    /\/+$/,
    /^(default|kube-.*|istio-.*|.*(ingress|gateway|monitoring).*)$/,
    /\$\{([A-Za-z_]\w*)(?::?=([^}]*))?\}/g,
    /^\s*\/meshwright (verified|failed)\b/m,
    /([^/]+\/[^/]+?)(?:\.git)?$/,
    /\{([^}]*)\}/g,
    /(a+)+$/,
  ])('%s is found to be slow', (regex) => {
    expect(slowText(regex)).toBeDefined();
  });
});
