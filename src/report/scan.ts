/** Where a namespace was found. */
interface FoundNamespace {
  readonly namespace: string;
  readonly cluster: string;
  readonly repository: string;
  readonly directory: string;
  readonly objects: number;
  readonly isTaken: boolean;
}

/** Where each namespace was found, as a table; what the fleet file does not name is marked. */
export function describePlaces(places: readonly FoundNamespace[]): string {
  const rows = places.map(({ namespace, cluster, repository, directory, objects, isTaken }) => [
    namespace,
    cluster,
    `${repository} ${directory || '.'}`,
    `${String(objects)} object${objects === 1 ? '' : 's'}${isTaken ? '' : ' (not in the fleet file)'}`,
  ]);
  const table = [['NAMESPACE', 'CLUSTER', 'BUILT FROM', 'FOUND'], ...rows];
  const widths = [0, 1, 2].map((at) => Math.max(...table.map((row) => row[at]?.length ?? 0)));
  return table
    .map((row) =>
      row
        .map((cell, at) => cell.padEnd(widths[at] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .map((line) => `${line}\n`)
    .join('');
}
