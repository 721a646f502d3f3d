import type { Fleet, NamespaceTarget } from '../model/fleet.ts';
import type { YamlPath } from '../model/json.ts';
import { writtenClusters } from './clusters.ts';
import { isAddress } from '../k8s/address.ts';
import { externalPorts, opaqueProtocols } from './ports.ts';
import type { CallIndex } from './calls.ts';
import { nearest } from './nearest.ts';
import { stageIn } from './resolve.ts';
import type { FleetFile } from './schema.ts';
import type { FleetSource } from './source.ts';

/** What a fleet must also hold beyond the shape of its file. */
export function checkFleet(file: FleetFile, fleet: Fleet, calls: CallIndex, source: FleetSource): void {
  checkBranches(fleet, source);
  checkNames(file, source);
  checkHosts(file, fleet, source);
  checkCallers(file, calls, source);
  checkExternal(file, source);
  checkWaves(file, calls, source);
  checkStatements(fleet, source);
  checkKnowledge(file, source);
}

/** Git has no branch beside one that lies below it. */
function checkBranches({ forge: { baseBranch, branchPrefix } }: Fleet, source: FleetSource): void {
  if (baseBranch === undefined || !`${branchPrefix}/`.startsWith(`${baseBranch}/`)) return;
  source.report(
    'fleet-bad-value',
    ['forge', 'baseBranch'],
    `Git cannot have branches below "${branchPrefix}/" next to the branch "${baseBranch}".`,
    'Choose another branchPrefix.',
  );
}

function checkNames(file: FleetFile, source: FleetSource): void {
  const unique = (
    items: readonly { readonly name: string }[],
    path: readonly (string | number)[],
    what: string,
  ) => {
    const seen = new Map<string, number>();
    for (const [index, { name }] of items.entries()) {
      const first = seen.get(name);
      if (first === undefined) seen.set(name, index);
      else
        source.report(
          'fleet-duplicate-name',
          [...path, index, 'name'],
          `The ${what} "${name}" is declared twice, first on ${source.lineOf([...path, first, 'name'], [...path, index])}.`,
          'Remove or rename one of them.',
        );
    }
  };
  unique(file.environments, ['environments'], 'environment');
  unique(file.waves ?? [], ['waves'], 'wave');
  checkClusterNames(file, source);
  unique(file.namespaces, ['namespaces'], 'namespace');
  for (const [index, entry] of file.namespaces.entries())
    unique(entry.services ?? [], ['namespaces', index, 'services'], 'service');
}

/** Nothing may be called known by what shows nothing, or by two statements of which one denies the other. */
function checkKnowledge(file: FleetFile, source: FleetSource): void {
  for (const [index, entry] of file.namespaces.entries())
    for (const [at, service] of (entry.services ?? []).entries()) {
      const { observed, complete, allowFrom, ports } = service;
      const path = ['namespaces', index, 'services', at];
      if (observed !== undefined && Date.parse(observed.from) >= Date.parse(observed.until))
        source.report(
          'fleet-observation-empty',
          [...path, 'observed', 'until'],
          `Traffic of "${service.name}" was observed until ${observed.until}, which is not after ${observed.from}.`,
          'Correct the two times, or import the traffic again.',
        );
      if (observed !== undefined && (observed.received ?? 0) + (observed.sent ?? 0) === 0)
        source.report(
          'fleet-observation-empty',
          [...path, 'observed'],
          `No traffic of "${service.name}" was observed, so this shows neither its callers nor its calls.`,
          'Observe a longer time, or state under complete why nothing calls it.',
        );
      if ((ports ?? []).length === 0 && (complete?.callers ?? allowFrom) !== undefined)
        source.report(
          'fleet-complete-contradicts',
          [...path, complete?.callers === undefined ? 'allowFrom' : 'complete'],
          `"${service.name}" declares no ports, so it has no callers.`,
          'Add its ports, or remove what is said of its callers.',
        );
      if (complete?.callers === undefined || entry.complete?.callers === undefined) continue;
      source.report(
        'fleet-complete-contradicts',
        [...path, 'complete', 'callers'],
        `Namespace "${entry.name}" already states, for another reason, that all callers of its services are declared.`,
        'Keep one of the two statements.',
      );
    }
}

/** A statement that is about nothing would leave a gate closed, and nobody would know why. */
function checkStatements({ gates, targets }: Fleet, source: FleetSource): void {
  const kinds = new Map<string, string>(targets.map(({ id, kind }) => [id, kind]));
  for (const [index, { target, stage }] of gates.verified.entries()) {
    const kind = kinds.get(target);
    const path = ['gates', 'verified', index];
    const close = nearest(target, kinds.keys());
    if (kind === undefined)
      source.report(
        'fleet-unknown-target',
        [...path, 'target'],
        `The fleet has no target "${target}".${close === undefined ? '' : ` Did you mean "${close}"?`}`,
        'Name a namespace with its environment, such as shop@lab, or a cluster, such as cluster/lab-eu-1.',
      );
    else if ((kind === 'cluster') !== (stage === 'permissive' || stage === 'strict'))
      source.report(
        'fleet-unknown-stage',
        [...path, 'stage'],
        `${target} has no stage "${stage}".`,
        kind === 'cluster' ? 'A cluster is permissive or strict.' : 'A namespace is joined or enforced.',
      );
  }
}

function checkClusterNames(file: FleetFile, source: FleetSource): void {
  const seen = new Map<string, YamlPath>();
  for (const { entry, at } of writtenClusters(file)) {
    const first = seen.get(entry.name);
    if (first === undefined) seen.set(entry.name, at);
    else
      source.report(
        'fleet-duplicate-name',
        at,
        `The cluster "${entry.name}" is declared twice, first on ${source.lineOf(first, at)}.`,
        'Remove or rename one of them.',
      );
  }
}

function namespaceTargets(fleet: Fleet): readonly NamespaceTarget[] {
  return fleet.targets.filter((target) => target.kind === 'namespace');
}

function indexes(file: FleetFile): ReadonlyMap<string, number> {
  return new Map(file.namespaces.map(({ name }, index) => [name, index]));
}

/** On one shared gateway, two VirtualServices for a host make an order that nobody chose. */
function checkHosts(file: FleetFile, fleet: Fleet, source: FleetSource): void {
  const indexOf = indexes(file);
  const claimed = new Map<string, string>();
  const reported = new Set<string>();
  for (const target of namespaceTargets(fleet)) {
    const index = indexOf.get(target.namespace) ?? 0;
    for (const [at, service] of (target.specs[0]?.services ?? []).entries())
      for (const [number, host] of service.hosts.entries()) {
        const who = `${target.namespace}/${service.name}`;
        const first = claimed.get(`${target.environment} ${host}`);
        claimed.set(`${target.environment} ${host}`, first ?? who);
        if (first === undefined || reported.has(`${who} ${String(number)}`)) continue;
        reported.add(`${who} ${String(number)}`);
        source.report(
          'fleet-duplicate-host',
          ['namespaces', index, 'services', at, 'hosts', number],
          `Host ${host} already belongs to ${first} in environment "${target.environment}".`,
          'Declare each host for one service only.',
        );
      }
  }
}

/** @see https://github.com/istio/istio/issues/36119 */
function checkCallers(file: FleetFile, calls: CallIndex, source: FleetSource): void {
  for (const call of calls.all)
    for (const { name } of file.environments) {
      const from = stageIn(call.from, name, file);
      const to = stageIn(call.to, name, file);
      if (from === undefined) continue;
      if (to === undefined && from !== 'outside')
        source.report(
          'fleet-callee-not-in-environment',
          call.path,
          `${call.from.name} exists in environment "${name}" and calls ${call.to.name}, which does not.`,
          `Add "${name}" to the environments of ${call.to.name}, or remove the call.`,
          'warning',
        );
      if (from === 'outside' && to === 'enforced')
        source.report(
          'fleet-caller-outside-mesh',
          call.path,
          `In environment "${name}", ${call.from.name} is outside the mesh and calls ${call.to.name}, which is enforced: a caller without a sidecar has no identity and would be refused.`,
          `Move ${call.from.name} to joined first, or keep ${call.to.name} at joined.`,
        );
    }
}

function checkExternal(file: FleetFile, source: FleetSource): void {
  if (file.mesh.dnsCapture === true) return;
  for (const [index, entry] of file.namespaces.entries())
    for (const [at, call] of (entry.external ?? []).entries()) {
      const opaque = externalPorts(call).find(({ protocol }) => opaqueProtocols.has(protocol));
      if (opaque !== undefined && (call.addresses ?? []).length === 0 && !isAddress(call.host))
        source.report(
          'fleet-external-needs-addresses',
          ['namespaces', index, 'external', at],
          `Port ${String(opaque.number)} of ${call.host} uses ${opaque.protocol}. Without addresses, Istio would treat every connection to that port as a call to this host.`,
          'List its addresses, or set mesh.dnsCapture: true if the proxies resolve DNS.',
        );
    }
}

/** Waves keep the order in which no call breaks: a caller is never later than whom it calls (so those who call each other
 *  are in one wave). Namespaces in no wave come after all of them. */
function checkWaves(file: FleetFile, calls: CallIndex, source: FleetSource): void {
  const waves = file.waves ?? [];
  const known = new Set(file.namespaces.map(({ name }) => name));
  const placed = new Map<string, { readonly wave: number; readonly path: YamlPath }>();
  for (const [wave, { namespaces }] of waves.entries())
    for (const [index, name] of namespaces.entries()) {
      const path: YamlPath = ['waves', wave, 'namespaces', index];
      const first = placed.get(name);
      if (!known.has(name))
        source.report(
          'fleet-unknown-namespace',
          path,
          `The fleet has no namespace "${name}".`,
          `Known: ${[...known].join(', ')}.`,
        );
      else if (first !== undefined)
        source.report(
          'fleet-wave-twice',
          path,
          `"${name}" is already in a wave, on ${source.lineOf(first.path, path)}.`,
          'Keep one of the two.',
        );
      else placed.set(name, { wave, path });
    }
  for (const { from, to } of calls.all) {
    const callee = placed.get(to.name);
    const caller = placed.get(from.name);
    if (from.name === to.name || callee === undefined || (caller?.wave ?? Infinity) <= callee.wave) continue;
    const where = caller === undefined ? 'in no wave' : `in ${waves[caller.wave]?.name ?? ''}`;
    source.report(
      'fleet-wave-order',
      callee.path,
      `"${to.name}" is called by "${from.name}", which is ${where} and would still be outside the mesh when "${to.name}" is enforced: its calls would be refused.`,
      `Put "${from.name}" into ${waves[callee.wave]?.name ?? ''} or an earlier wave.`,
    );
  }
}
