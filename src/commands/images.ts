import { command, misuse, textOption, usage, type Input, type Result, type Services } from './command.ts';
import { findCluster } from './clusters.ts';
import { loadAll } from './load.ts';
import type { Outputs } from './outputs.ts';

export default command({
  id: 'images',
  summary:
    "list the images and charts that a cluster's private registry needs, or print a script that copies them",
  argument: { name: '<cluster>', help: 'name of the cluster' },
  options: [{ flags: '--copy-with <tool>', help: 'print a shell script for crane or skopeo' }],
  examples: ['meshwright images dev-eu-1', 'meshwright images dev-eu-1 --copy-with crane > copy.sh'],
  run: images,
});

async function images(input: Input, services: Services): Promise<Result<Outputs['images']>> {
  const tool = textOption(input, 'copyWith');
  if (tool !== undefined && tool !== 'crane' && tool !== 'skopeo')
    return usage([
      misuse(`"${tool}" is not a supported tool.`, 'Use --copy-with crane or --copy-with skopeo.'),
    ]);
  const loaded = await loadAll(input, services);
  if (!loaded.ok) return usage(loaded.problems);
  const cluster = findCluster(loaded.value.fleet, input.names[0] ?? '');
  if (!cluster.ok) return usage(cluster.problems);
  const { spec } = cluster.value;
  if (!spec.isMirrored)
    return {
      code: 0,
      text: `${spec.cluster} pulls its images from ${spec.imageRegistry}; nothing needs to be copied.\n`,
      json: { cluster: spec.cluster, copies: [] },
      problems: loaded.problems,
    };
  const { copiesOf, copyScript } = await import('../report/images.ts');
  const copies = copiesOf({
    registry: spec.imageRegistry,
    tag: spec.imageTag,
    version: spec.istioVersion,
    charts: spec.hasOwnCharts && spec.charts.startsWith('oci://') ? spec.charts : undefined,
  });
  const script = tool === undefined ? undefined : copyScript(copies, tool);
  return {
    code: 0,
    reader: 'program',
    text: script ?? copies.map(({ from, to }) => `${from} -> ${to}\n`).join(''),
    json: { cluster: spec.cluster, copies, ...(script !== undefined && { script }) },
    problems: loaded.problems,
  };
}
