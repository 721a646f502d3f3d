import fc from 'fast-check';
import { generateKeyPairSync } from 'node:crypto';
import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { hideSecret, redact, redactData } from '../../src/adapters/redact.ts';

const secret = fc.stringMatching(/^[A-Za-z0-9_/+%"\\-]{20,60}$/);

/** How a library may print a secret. */
const forms: Readonly<Record<string, (text: string) => string>> = {
  'as it is': (text) => text,
  'in JSON': (text) => JSON.stringify({ token: text }),
  'in JSON in JSON': (text) => JSON.stringify(text),
  'in a URL': (text) => `https://host/?t=${encodeURIComponent(text)}`,
  'before a host': (text) => `https://x-access-token:${encodeURIComponent(text)}@github.com/a/b`,
  'as basic authentication': (text) => Buffer.from(`x-access-token:${text}`).toString('base64'),
  'as basic authentication of another user': (text) => Buffer.from(`ab:${text}`).toString('base64'),
  'in base64 for URLs': (text) => Buffer.from(`u:${text}`).toString('base64url'),
  'as bytes': (text) => inspect(Buffer.from(text)),
  'in hexadecimal digits': (text) => Buffer.from(text).toString('hex'),
  'as an object': (text) => inspect({ env: { MESHWRIGHT_GIT_PASSWORD: text } }),
};

/** Ten characters of it in a row, in any of the encodings. */
function shows(printed: string, text: string): boolean {
  const parts = Array.from({ length: text.length - 9 }, (_, index) => text.slice(index, index + 10));
  return parts.some((part) => printed.includes(part));
}

describe('a secret is not printed', () => {
  it.each(Object.keys(forms))('%s', (name) => {
    fc.assert(
      fc.property(secret, (text) => {
        hideSecret(text);
        const printed = forms[name]?.(text) ?? '';

        for (const clean of [redact(`before ${printed} after`), redactData(`before ${printed} after`)]) {
          expect(clean).toContain('***');
          expect(shows(clean, text)).toBe(false);
          for (const encoding of ['base64', 'base64url', 'hex'] as const)
            expect(clean).not.toContain(Buffer.from(text).toString(encoding).slice(3, 23));
        }
      }),
      { numRuns: 40 },
    );
  });

  it('of several lines, as a private key has, in any way that lines are printed', () => {
    const { privateKey } = generateKeyPairSync('rsa', {
      modulusLength: 2048,
      publicKeyEncoding: { type: 'spki', format: 'pem' },
      privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    });
    const lines = privateKey.split('\n').filter((line) => line.length > 20 && !line.startsWith('-'));
    hideSecret(privateKey.replaceAll('\n', '\\n'));

    for (const printed of [
      privateKey,
      JSON.stringify({ privateKey }),
      inspect({ privateKey }),
      privateKey.replaceAll('\n', ' '),
    ])
      for (const line of lines) expect(redact(printed)).not.toContain(line);
  });

  it.each([
    'ghs_0123456789abcdefABCDEF',
    'github_pat_11ABCDEFG0123456789_abcdefgh',
    'eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiI3IiwiaWF0IjoxfQ.c2lnbmF0dXJlLXNpZ25hdHVyZQ',
  ])("that looks like GitHub's, though nobody named it: %s", (text) => {
    expect(redact(`authorization: bearer ${text}`)).not.toContain(text);
  });
});

it('other text stays as it is, to the byte', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 200 }), (text) => {
      expect(redactData(text)).toBe(text);
    }),
  );
});
