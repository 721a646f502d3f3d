import type { Plugin } from 'vitest/config';

export function precompiledTemplates(): Plugin;
