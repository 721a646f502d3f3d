import { z } from 'zod';
import { failure, success, type Outcome } from '../model/problem.ts';
import { readYaml } from '../yaml/read.ts';
import { describeIssues } from './issues.ts';
import { map } from './shapes.ts';

const text = (what: string) => z.string({ error: what });
const hostText = text('a host name such as ghes.example.com');
const schema = map(
  {
    github: map({ host: hostText.optional() }, 'a map with host').optional(),
    helm: map(
      {
        program: text('the path of helm, or off').optional(),
        hosts: z.array(hostText, { error: 'a list of host names' }).optional(),
      },
      'a map with program and hosts',
    ).optional(),
  },
  'a map with github and helm',
);

/** What the per-user configuration says; nothing, where there is none. */
export function operatorFile(
  config: { readonly file: string; readonly text: string } | undefined,
): Outcome<z.infer<typeof schema>> {
  if (config === undefined) return success({});
  const stream = readYaml(config.text, config.file);
  if (!stream.ok) return stream;
  const [document] = stream.value.documents;
  if (document === undefined || document.value === null) return success({});
  const parsed = schema.safeParse(document.value);
  return parsed.success
    ? success(parsed.data)
    : failure(...describeIssues(parsed.error.issues, document, config.file, schema));
}
