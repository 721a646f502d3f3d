import { oneLine, sarif } from '../model/quoted.ts';
import type { Accepted, LintProblem, LintResult, RuleAbout } from '../model/lint.ts';

const levels = { error: 'error', warning: 'warning', info: 'note' } as const;
const home = 'https://github.com/meshwright/meshwright';

/** Findings as a SARIF log, which code scanning of GitHub and others shows.
 *  @param version  of the tool
 *  @see https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
 *  @see https://docs.github.com/en/code-security/code-scanning/integrating-with-code-scanning/sarif-support-for-code-scanning */
export function asSarif(
  { problems, accepted }: LintResult,
  rules: readonly RuleAbout[],
  version: string,
): object {
  const all: readonly (LintProblem & Partial<Pick<Accepted, 'by' | 'reason'>>)[] = [
    ...problems,
    ...accepted.map(({ problem, by, reason }) => ({ ...problem, by, reason })),
  ];
  const used = [...new Set(all.map(({ rule }) => rule))].sort();
  const known = new Map(rules.map((rule) => [rule.id, rule]));
  return {
    $schema: 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: 'meshwright',
            version,
            informationUri: home,
            rules: used.map((id) => descriptorOf(id, known.get(id))),
          },
        },
        columnKind: 'utf16CodeUnits',
        originalUriBaseIds: { ROOT: { description: { text: 'The folder that meshwright lint ran in.' } } },
        results: all.map((problem) => ({
          ruleId: problem.rule,
          ruleIndex: used.indexOf(problem.rule),
          level: levels[problem.severity],
          message: {
            text: sarif(problem.fix === undefined ? problem.message : `${problem.message} ${problem.fix}`),
          },
          ...(problem.file !== undefined && { locations: [locationOf(problem)] }),
          partialFingerprints: { 'meshwright/v1': fingerprintOf(problem) },
          ...(problem.by !== undefined && {
            suppressions: [
              {
                kind: problem.by === 'baseline' ? 'external' : 'inSource',
                ...(problem.reason !== undefined && { justification: sarif(problem.reason) }),
              },
            ],
          }),
        })),
      },
    ],
  };
}

function descriptorOf(id: string, rule: RuleAbout | undefined): object {
  if (rule === undefined) return { id };
  return {
    id,
    shortDescription: { text: plain(rule.summary) },
    fullDescription: { text: plain(rule.why) },
    help: { text: plain(`${rule.why} ${rule.fix}`), markdown: `${rule.why}\n\n${rule.fix}` },
    helpUri: `${home}/blob/main/docs/rules/${id}.md`,
    defaultConfiguration: { level: levels[rule.severity] },
    properties: { tags: rule.equivalent },
  };
}

function plain(markdown: string): string {
  return markdown.replaceAll('`', '');
}

function locationOf({ file = '', line, column, endLine, endColumn, resource }: LintProblem): object {
  const uri = file.split('/').map(encodeURIComponent).join('/');
  return {
    physicalLocation: {
      artifactLocation: { uri, uriBaseId: 'ROOT' },
      ...(line !== undefined && { region: { startLine: line, startColumn: column, endLine, endColumn } }),
    },
    ...(resource !== undefined && {
      logicalLocations: [
        {
          fullyQualifiedName: oneLine(`${resource.kind} ${resource.namespace ?? ''}/${resource.name}`),
          kind: 'object',
        },
      ],
    }),
  };
}

/** Does not change when lines above move. */
function fingerprintOf({ rule, file = '', resource, message }: LintProblem): string {
  return [rule, file, resource?.kind, resource?.namespace, resource?.name, message].join('|');
}
