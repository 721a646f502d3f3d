import { schemaOf, shapedKinds } from '../../schema/schema.ts';
import { violationsOf } from '../../schema/violations.ts';
import { rule } from '../../rule.ts';

/** Fields of every object, whose schema Kubernetes checks itself. */
const envelope = { apiVersion: {}, kind: {}, metadata: {}, status: {} };

export default rule({
  id: 'schema-violation',
  severity: 'error',
  kinds: shapedKinds,
  summary: 'an unknown field, or a value that the schema does not allow',
  why: 'The API server validates objects against the CRD. It rejects an object with a wrong type or an unknown value, and Flux then does not apply anything of the Kustomization. A server-side apply also rejects a misspelled field; with Helm and older tools there is only a warning, and the field is dropped without effect. The old spellings with `_`, which istioctl accepts, are unknown fields too.',
  fix: 'Correct the field or its value; see the reference page of the kind.',
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
