import { z } from 'zod';
import { fleetSchema } from './schema.ts';

/** The JSON Schema of a fleet file, for completion and checks in editors.
 *  @see https://json-schema.org/draft/2020-12 */
export function fleetJsonSchema(): object {
  return {
    ...z.toJSONSchema(fleetSchema, { target: 'draft-2020-12', io: 'input' }),
    $id: 'urn:meshwright:fleet:1',
    title: 'Meshwright fleet file',
  };
}
