import type { Fleet } from '../model/fleet.ts';
import { reservedFor } from '../model/reserved-namespaces.ts';
import { stageIn } from './resolve.ts';
import type { FleetFile } from './schema.ts';
import type { FleetSource } from './source.ts';

/** The mesh's own namespaces, and those of what brings it, are no applications: they may be declared so that calls to them
 *  can be, and never be moved. */
export function checkReserved(file: FleetFile, { mesh }: Fleet, source: FleetSource): void {
  for (const [index, entry] of file.namespaces.entries()) {
    const holds = reservedFor(entry.name, mesh);
    if (holds === undefined) continue;
    const moved = file.environments.filter(
      ({ name }) => (stageIn(entry, name, file) ?? 'outside') !== 'outside',
    );
    if (moved.length === 0) continue;
    source.report(
      'fleet-reserved-namespace',
      ['namespaces', index, 'name'],
      `Namespace "${entry.name}" holds ${holds}, so it must not move into the mesh like an application: its policies would cut off more than its own traffic.`,
      'Remove it from the fleet. If it is declared only because others call it, set its stage to outside.',
    );
  }
}
