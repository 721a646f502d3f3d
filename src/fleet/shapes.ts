import { z } from 'zod';

/** What a value must be, in words that complete "must be". */
export const text = (expected: string, pattern: RegExp) =>
  z.string({ error: expected }).regex(pattern, { error: expected });

export const label = String.raw`[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?`;
const placeholder = String.raw`\{[A-Za-z]*\}`;
/** A Flux variable: opaque, filled in on the cluster. */
const variable = String.raw`\$\{[A-Za-z_][A-Za-z0-9_]*\}`;

export const labelName = text(
  'a name of lower-case letters, digits and dashes, at most 63 characters',
  new RegExp(`^${label}$`),
);
export const dnsName = text(
  'a DNS name of lower-case labels',
  new RegExp(`^(?=.{1,253}$)${label}(?:\\.${label})*$`),
);
export const hostName = text(
  'a host name such as shop.{domain}; placeholders in braces and Flux variables like ${DOMAIN} may be part of it',
  new RegExp(
    `^(?:\\*\\.)?(?:[a-z0-9-]|${placeholder}|${variable})+(?:\\.(?:[a-z0-9-]|${placeholder}|${variable})+)*$`,
  ),
);
export const externalHost = text(
  'a DNS name such as api.example.com or *.example.com, or an address such as 169.254.170.23',
  new RegExp(`^(?:\\*\\.)?${label}(?:\\.${label})+$`),
);
export const repositoryName = text(
  'a repository as owner/name',
  new RegExp(`^(?:[A-Za-z0-9-]|${placeholder})+/(?:[A-Za-z0-9._-]|${placeholder})+$`),
);
export const pathText = z
  .string({ error: 'a path inside the repository' })
  .max(1000, { error: 'a path of at most 1000 characters' });
export const dayText = text(
  'a day such as 2026-12-31',
  /^[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])$/,
);
export const reasonText = z
  .string({ error: 'a non-empty reason' })
  .regex(/\S/, { error: 'a non-empty reason' })
  .max(500, { error: 'a reason of at most 500 characters' });
export const flag = z.boolean({ error: 'true or false' });
export const list = <T extends z.ZodType>(item: T, of: string) => z.array(item, { error: `a list of ${of}` });
export const oneOf = <const T extends readonly [string, ...string[]]>(values: T) =>
  z.enum(values, { error: `one of ${values.join(', ')}` });
export const portNumber = z
  .int({ error: 'a port number from 1 to 65535' })
  .min(1, { error: 'a port number from 1 to 65535' })
  .max(65535, { error: 'a port number from 1 to 65535' });
export const map = <T extends z.ZodRawShape>(shape: T, what: string) =>
  z.strictObject(shape, { error: (issue) => (issue.code === 'invalid_type' ? what : undefined) });
