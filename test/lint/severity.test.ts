import { expect, it } from 'vitest';
import targetPort from '../../src/lint/rules/service/target-port-not-in-workload.ts';
import { fixturesOf, lintFiles } from './fixture.ts';

it('a targetPort that meets no declared port is a note where a probe meets none either', async () => {
  const [example] = fixturesOf(targetPort.id, 'bad').filter(({ name }) => name === 'bad-2.yaml');
  const text = example?.files['bad-2.yaml'] ?? '';
  const severityOf = async (manifest: string) =>
    (await lintFiles({ 'app.yaml': manifest }, [targetPort])).map(({ severity }) => severity);

  expect(await severityOf(text)).toEqual(['info']);
  expect(await severityOf(text.replace('port: 8081', 'port: 8080'))).toEqual(['warning']);
});
