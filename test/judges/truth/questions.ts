import type { JsonObject } from '../../../src/model/json.ts';
import { callOf, statesFrom } from '../../traffic/world.ts';
import type { Question } from './bench.ts';
import authorization from './cases/authorization.ts';
import type { Case } from './cases/case.ts';
import gateways from './cases/gateways.ts';
import imports from './cases/imports.ts';
import { destinationRules, peerAuthentication } from './cases/mtls.ts';
import protocols from './cases/protocols.ts';
import virtualServices from './cases/routes.ts';

export const cases: readonly Case[] = [
  ...authorization,
  ...peerAuthentication,
  ...destinationRules,
  ...imports,
  ...virtualServices,
  ...gateways,
  ...protocols,
];

export function nameOf({ of, name }: Case): string {
  return `${of} ${name}`;
}

export function questionOf(each: Case): Question {
  const { manifests, settings = {}, calls } = each;
  // The last state: everything is in force, and the pods are as the manifests make them.
  const state = statesFrom({ before: manifests, after: manifests }, settings).at(-1);
  if (state === undefined) throw new Error('there is a state');
  return {
    name: nameOf(each),
    state,
    meshConfig: meshConfigOf(settings),
    calls: calls.map(([text, , more]) => callOf(text, more)),
  };
}

function meshConfigOf(settings: NonNullable<Case['settings']>): JsonObject {
  const { enableAutoMtls, outboundTrafficPolicy, trustDomain, trustDomainAliases } = settings;
  return {
    ...(enableAutoMtls !== undefined && { enableAutoMtls }),
    ...(outboundTrafficPolicy !== undefined && { outboundTrafficPolicy: { mode: outboundTrafficPolicy } }),
    ...(trustDomain !== undefined && { trustDomain }),
    ...(trustDomainAliases !== undefined && { trustDomainAliases }),
  };
}
