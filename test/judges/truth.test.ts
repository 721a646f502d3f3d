import { writeFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { verdictOf } from '../../src/traffic/simulate.ts';
import { callOf, statesFrom } from '../traffic/world.ts';
import { ApiServer } from './harness/api-server.ts';
import { ask } from './truth/bench.ts';
import authorization from './truth/cases/authorization.ts';
import imports from './truth/cases/imports.ts';
import { destinationRules, peerAuthentication } from './truth/cases/mtls.ts';
import { gateways, protocols, virtualServices } from './truth/cases/routes.ts';

const server = new ApiServer();
beforeAll(async () => { await server.start('1.31'); }, 120_000);
afterAll(async () => { await server.stop(); }, 20_000);
const cases = [...authorization, ...peerAuthentication, ...destinationRules, ...imports, ...virtualServices, ...gateways, ...protocols];

it('scratch', async () => {
  const qs = cases.map((c) => {
    const { enableAutoMtls, outboundTrafficPolicy, trustDomain, trustDomainAliases } = c.settings ?? {};
    return {
    name: `${c.of} ${c.name}`, state: statesFrom({ before: c.manifests, after: c.manifests }, c.settings).at(-1)!,
    meshConfig: {
      ...(enableAutoMtls !== undefined && { enableAutoMtls }),
      ...(outboundTrafficPolicy !== undefined && { outboundTrafficPolicy: { mode: outboundTrafficPolicy } }),
      ...(trustDomain !== undefined && { trustDomain }),
      ...(trustDomainAliases !== undefined && { trustDomainAliases }),
    }, calls: c.calls.map(([text, , more]) => callOf(text, more)),
  }});
  const t = Date.now();
  const answers = await ask(server, qs as never);
  console.log(Date.now() - t, cases.length);
  let n = 0;
  const out: string[] = [];
  for (const c of cases) for (const [text, expected, more] of c.calls) {
    const a = answers.find((x) => x.question.name === `${c.of} ${c.name}` && JSON.stringify(x.call) === JSON.stringify(callOf(text, more)))!;
    const v = verdictOf(a.call, a.question.state);
    const said = v.verdict === 'undetermined' ? '?' : (v.symptom ?? v.verdict);
    if (said !== a.fact.word || a.fact.word !== expected) out.push(`${c.of} ${c.name} ${text} ${JSON.stringify(more)}\n   expected ${expected} istiod ${a.fact.word} sim ${said}\n   istiod: ${a.fact.why}\n   sim: ${v.reason}`);
    n++;
  }
  console.log(n, out.length);
  writeFileSync('/tmp/truth-out.txt', out.join('\n'));
  expect(1).toBe(1);
}, 900_000);
