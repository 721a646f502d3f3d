import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { describeCall } from '../../src/model/traffic.ts';
import { verdictOf } from '../../src/traffic/simulate.ts';
import { ApiServer } from './harness/api-server.ts';
import { ask, type Answered } from './truth/bench.ts';
import { ownQuestions, reportQuestions } from './truth/bundles.ts';
import { applyNamespaces, controlPlanes, newPods, simulatedInjection } from './truth/injection.ts';
import { injected } from './truth/injector.ts';
import { cases, nameOf, questionOf } from './truth/questions.ts';

const server = new ApiServer();
const answers: Answered[] = [];

beforeAll(async () => {
  await server.start('1.31');
});

afterAll(async () => {
  await server.stop();
});

/** Where the simulator says less than istiod, each line with the reason after ` # `. */
const listed = readFileSync(new URL('truth/differences.txt', import.meta.url), 'utf8')
  .split('\n')
  .filter((line) => line !== '' && !line.startsWith('#'))
  .map((line) => line.split(' # ')[0] ?? '');

function simulatorSays({ call, question }: Answered): string {
  const { verdict, symptom } = verdictOf(call, question.state);
  return verdict === 'undetermined' ? '?' : (symptom ?? verdict);
}

function describeDifference(answered: Answered): string {
  const { question, call, fact } = answered;
  const request = [call.method, call.path, call.protocol].filter((each) => each !== undefined).join(' ');
  const said = request === '' ? '' : ` ${request}`;
  return `${question.name} | ${describeCall(call)}${said} | istiod: ${fact.word} | simulator: ${simulatorSays(answered)}`;
}

describe('a real istiod', () => {
  beforeAll(async () => {
    const questions = [...cases.map(questionOf), ...(await reportQuestions()), ...(await ownQuestions())];
    answers.push(...(await ask(server, questions)));
  });

  it.each(cases.map((each) => [nameOf(each), each] as const))('%s', (name, { calls }) => {
    const said = answers.filter(({ question }) => question.name === name);

    expect(said.map(({ fact }) => [fact.word, fact.why])).toEqual(
      calls.map(([, word], index) => [word, said[index]?.fact.why]),
    );
  });

  it('is never contradicted by the simulator, which says as much but for what is listed', () => {
    const differences = answers
      .filter((each) => simulatorSays(each) !== each.fact.word)
      .map(describeDifference);

    expect(differences.filter((line) => !line.endsWith('simulator: ?'))).toEqual([]);
    expect(differences).toEqual(listed);
  });

  it('breaks no call with Meshwright’s own bundles', () => {
    const broken = answers.filter(
      ({ question, fact, call }) =>
        question.name.startsWith('Meshwright') && fact.word !== 'works' && call.from.kind !== 'gateway',
    );

    expect(broken.map(describeDifference)).toEqual([]);
  });
});

describe('a real injector', () => {
  it.each(controlPlanes.map((each) => [each.revision, each.revisionTags.join(','), each] as const))(
    'of revision "%s" with tags "%s" gives a sidecar to the pods that the simulator says',
    async (_revision, _tags, plane) => {
      await applyNamespaces(server);
      const said = await injected(server, plane, newPods);

      expect(newPods.map((pod) => [pod, simulatedInjection(pod, plane)])).toEqual(
        newPods.map((pod, index) => [pod, said[index]]),
      );
      expect(new Set(said)).toEqual(new Set([true, false]));
    },
  );
});
