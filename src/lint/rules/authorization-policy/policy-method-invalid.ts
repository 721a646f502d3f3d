import { conditionValues, rulesOf, valuesIn } from '../../../mesh/policy-rule.ts';
import { rule } from '../../rule.ts';

const methods: ReadonlySet<string> = new Set(
  'GET HEAD POST PUT PATCH DELETE OPTIONS TRACE CONNECT QUERY PURGE PROPFIND PROPPATCH MKCOL COPY MOVE LOCK UNLOCK REPORT SEARCH'.split(
    ' ',
  ),
);

export default rule({
  id: 'policy-method-invalid',
  severity: 'warning',
  kinds: ['AuthorizationPolicy'],
  summary: 'an AuthorizationPolicy with a method that no request can have',
  why: 'The comparison is case-sensitive, and HTTP methods are upper case: `get` matches nothing, so an ALLOW denies every call (403) and a DENY blocks none. Every gRPC call is a POST; its path, `/package.Service/Method`, tells calls apart.',
  fix: 'Write the HTTP method in upper case; list gRPC methods under `paths`.',
  equivalent: ['KIA0102'],
  see: [
    'https://istio.io/latest/docs/reference/config/security/authorization-policy/#Operation',
    'https://kiali.io/docs/features/validations/',
  ],
  *check(inventory) {
    for (const resource of inventory.of('AuthorizationPolicy'))
      for (const { operations, conditions } of rulesOf(resource)) {
        const values = [
          ...valuesIn(operations, 'methods', 'notMethods'),
          ...conditionValues(conditions, 'request.method'),
        ];
        for (const { path, text } of values) {
          if (methods.has(text) || text.includes('*') || text === '') continue;
          const upper = text.toUpperCase();
          if (methods.has(upper))
            yield {
              resource,
              path,
              severity: 'error',
              message: `The method "${text}" never matches: HTTP methods are upper case.`,
              fix: `Use ${upper}.`,
              edits: [{ op: 'set', path, value: upper }],
            };
          else
            yield {
              resource,
              path,
              message: text.includes('/')
                ? `"${text}" is a gRPC path; the method of every gRPC call is POST.`
                : `"${text}" is not an HTTP method.`,
              ...(text.includes('/') && { fix: 'Move it to "paths".' }),
            };
        }
      }
  },
});
