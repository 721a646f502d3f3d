import { schemaOf, shapedKinds } from '../../schema/schema.ts';
import { violationsOf } from '../../schema/violations.ts';
import { rule } from '../../rule.ts';

/** Every object has these; their own shape is Kubernetes' to check. */
const envelope = { apiVersion: {}, kind: {}, metadata: {}, status: {} };

export default rule({
  id: 'schema-violation',
  severity: 'error',
  kinds: shapedKinds,
  summary: 'a field that Istio does not have, or a value it does not take',
  why: 'The API server checks objects against the CRD. A wrong type or an unknown value refuses the object, and Flux stops at the whole Kustomization. A misspelt field is refused as well by a server-side apply; Helm and older tools only warn, the field is dropped, and what it should do never happens. The old spellings with `_`, which istioctl takes, are unknown fields too.',
  fix: 'Write the field and its value as the reference page of the kind has them.',
  equivalent: ['IST0106'],
  see: [
    'https://istio.io/latest/docs/reference/config/analysis/ist0106/',
    'https://istio.io/latest/docs/reference/config/networking/',
  ],
  *check(inventory) {
    for (const kind of shapedKinds) {
      const schema = schemaOf({ known: kind });
      const whole = { ...schema, properties: { ...envelope, ...schema?.properties } };
      for (const resource of inventory.of(kind))
        for (const violation of violationsOf(whole, resource.value, [])) yield { resource, ...violation };
    }
  },
});
