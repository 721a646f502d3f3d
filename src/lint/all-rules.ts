import type { Rule } from './rule.ts';
import * as table from './rules/index.ts';

/** Every rule, by name. */
export const rules: readonly Rule[] = Object.values(table);
