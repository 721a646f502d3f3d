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
  summary: 'a method in an AuthorizationPolicy that no request has',
  why: 'Methods are compared letter for letter, and HTTP’s are upper case: `get` matches nothing, so an ALLOW refuses every call (403) and a DENY refuses none. A gRPC call is a POST; which one it is says its path, `/package.Service/Method`.',
  fix: 'Write the HTTP method in upper case; put gRPC’s methods under `paths`.',
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
              message: `No request has the method "${text}": methods are upper case.`,
              fix: `Write ${upper}.`,
              edits: [{ op: 'set', path, value: upper }],
            };
          else
            yield {
              resource,
              path,
              message: text.includes('/')
                ? `"${text}" is a path of gRPC, and every gRPC call has the method POST.`
                : `"${text}" is no method of HTTP.`,
              ...(text.includes('/') && { fix: 'Move it to "paths".' }),
            };
        }
      }
  },
});
