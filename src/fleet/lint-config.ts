import { z } from 'zod';
import { defaultLintConfig, type LintConfig, type SeverityOverride } from '../model/lint.ts';
import { failure, success, type Outcome, type Problem } from '../model/problem.ts';
import { readYaml } from '../yaml/read.ts';
import { describeIssues } from './issues.ts';
import { list, map, oneOf } from './shapes.ts';

const ruleName = z
  .string()
  .regex(/^[a-z0-9]+(?:-[a-z0-9]+)*$/, { error: 'the name of a rule, such as tls-without-mode' });
// YAML 1.2 reads off as text; a file written with true or false is told what to write.
const severities = z.record(ruleName, oneOf(['off', 'info', 'warning', 'error']), {
  error: 'a map from rules to off, info, warning or error',
});
const pattern = z
  .string({ error: 'a pattern such as legacy/**' })
  .min(1, { error: 'a pattern such as legacy/**' })
  .max(500, { error: 'a pattern of at most 500 characters' });

/** What both fleet.yaml (under `lint`) and .meshwright/lint.yaml say. */
export const lintShape = map(
  {
    rules: severities.optional().describe('Severity of each rule: off, info, warning or error.'),
    overrides: list(
      map(
        {
          files: list(pattern, 'patterns')
            .min(1, { error: 'a list of at least one pattern' })
            .describe('Patterns of files, from the root of the checkout: apps/legacy/**.'),
          rules: severities.describe('Severity of each rule in these files.'),
        },
        'a map with files and rules',
      ),
      'overrides',
    )
      .optional()
      .describe('Severity overrides for some files; later entries win.'),
    ignore: list(pattern, 'patterns').optional().describe('Patterns of files to skip.'),
  },
  'a map with rules, overrides and ignore',
);

/** The rule settings in a fleet file, or in a lint file. */
export function resolveLint(written: z.output<typeof lintShape> | undefined): LintConfig {
  if (written === undefined) return defaultLintConfig;
  const asMap = (said: Readonly<Record<string, SeverityOverride>>) => new Map(Object.entries(said));
  return {
    severities: asMap(written.rules ?? {}),
    overrides: (written.overrides ?? []).map(({ files, rules }) => ({ files, severities: asMap(rules) })),
    ignore: written.ignore ?? [],
  };
}

/** Reads `.meshwright/lint.yaml`: every error of the file at once, each with its place. */
export function loadLintConfig(text: string, file: string): Outcome<LintConfig> {
  const stream = readYaml(text, file);
  if (!stream.ok) return stream;
  const [document] = stream.value.documents;
  if (document === undefined || document.value === null) return success(defaultLintConfig);
  const parsed = lintShape.safeParse(document.value);
  if (parsed.success) return success(resolveLint(parsed.data));
  const problems = describeIssues(parsed.error.issues, document, file, lintShape);
  return failure(
    ...problems.map((problem): Problem => ({
      ...problem,
      rule: problem.rule.replace('fleet-', 'lint-config-'),
    })),
  );
}
