import { expect, it } from 'vitest';
import { readProject } from './project.ts';
import { missingParts } from './units/missing-parts.ts';

const project = readProject();

it('everything that a generator, rule, command or importer needs is there', () => {
  expect(missingParts(project).join('\n')).toBe('');
});
