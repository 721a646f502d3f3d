import { z } from 'zod';
import { fleetSchema } from './schema.ts';

/** The JSON Schema of a fleet file, for completion and checks in editors.
 *  @see https://json-schema.org/draft/2020-12 */
export function fleetJsonSchema(): object {
  const { required = [], ...schema } = z.toJSONSchema(fleetSchema, { target: 'draft-2020-12', io: 'input' });
  return {
    ...schema,
    required: required.filter((key) => key !== 'namespaces'),
    // Those of the included files are enough.
    anyOf: [{ required: ['namespaces'] }, { required: ['include'] }],
    $id: 'urn:meshwright:fleet:1',
    title: 'Meshwright fleet file',
  };
}
