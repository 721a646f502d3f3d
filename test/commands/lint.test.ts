import { describe, expect, it } from 'vitest';
import { problemAsJson } from '../../src/report/problems.ts';
import { World } from './world.ts';

const rule = (tls: string) => `apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: ledger, namespace: bank}
spec:
  host: ledger.bank.svc.cluster.local
  trafficPolicy:
    tls: ${tls}
`;
const labels = `apiVersion: v1
kind: Namespace
metadata:
  name: bank   # the bank
  labels:
    istio-injection: enabled
    istio.io/rev: stable
`;
const files = { 'app/a.yaml': rule('{}'), 'app/ns.yaml': labels };

describe('lint', () => {
  it('answers 1 with each error at its line, what to do, and a count', async () => {
    const { code, text, areProblemsShown } = await new World(files).run('lint', ['app']);

    expect(code).toBe(1);
    expect(areProblemsShown).toBe(true);
    expect(text).toBe(`app/a.yaml
  7:5     error  tls-without-mode  DestinationRule bank/ledger
          The "tls" block has no "mode", which Istio reads as DISABLE: calls go out in plaintext.
             6 |   trafficPolicy:
        >    7 |     tls: {}
               |     ^^^
          fix  Set \`mode: ISTIO_MUTUAL\`, or remove the block and let auto mTLS decide.
          see  https://istio.io/latest/docs/reference/config/networking/destination-rule/#ClientTLSSettings-TLSmode

app/ns.yaml
  6:5     warning  namespace-two-injection-labels  Namespace bank  IST0123 KIA1316
          The label istio-injection takes precedence, so istio.io/rev has no effect.
             5 |   labels:
        >    6 |     istio-injection: enabled
               |     ^^^^^^^^^^^^^^^
          fix  Remove the labels that have no effect. To move to the revision instead, remove \`istio-injection\` once the revision is installed, and restart the pods. \`--fix\` changes neither, since the label in force decides which control plane injects.
          see  https://istio.io/latest/docs/reference/config/analysis/ist0123/

1 error, 1 warning in 2 files.
`);
  });

  it('answers 0 for warnings, 1 with --fail-on warning', async () => {
    const world = new World({ 'app/ns.yaml': labels });

    expect(await world.run('lint', ['app'])).toMatchObject({ code: 0 });
    expect(await world.run('lint', ['app'], { failOn: 'warning' })).toMatchObject({ code: 1 });
  });

  it('with --quiet tells errors only', async () => {
    const { text } = await new World(files).run('lint', ['app'], { quiet: true });

    expect(text).toContain('tls-without-mode');
    expect(text).not.toContain('namespace-two-injection-labels');
  });

  it('with --json gives the shape that other programs rely on', async () => {
    const { json, problems } = await new World(files).run('lint', ['app'], { json: true });

    expect({ ...json, problems: problems.map(problemAsJson) }).toMatchObject({
      problems: [
        {
          rule: 'tls-without-mode',
          severity: 'error',
          equivalent: [],
          file: 'app/a.yaml',
          line: 7,
          column: 5,
          endLine: 7,
          endColumn: 8,
          resource: {
            apiVersion: 'networking.istio.io/v1',
            kind: 'DestinationRule',
            namespace: 'bank',
            name: 'ledger',
          },
          fixable: false,
        },
        { rule: 'namespace-two-injection-labels', equivalent: ['IST0123', 'KIA1316'], fixable: false },
      ],
      summary: { files: 2, errors: 1, warnings: 1, infos: 0, fixable: 0, accepted: 0 },
    });
  });

  it('with --format github gives workflow commands that a manifest cannot break out of', async () => {
    const name = 'a,b:c%\\n::set-output name=x::y';
    const world = new World({
      'app/a.yaml': labels.replace('stable', `"${name}"`).replace('istio-injection: enabled\n', ''),
    });
    world.disk.set('/home/me/app/x,y:z.yaml', rule('{}'));
    const { text } = await world.run('lint', ['app'], { format: 'github' });

    expect(text).toContain(
      '::error file=app/x%2Cy%3Az.yaml,line=7,endLine=7,col=5,endColumn=8,title=tls-without-mode::',
    );
    expect(
      text.split('\n').filter((line) => line !== '' && !/^::(error|warning|notice) /.test(line)),
    ).toEqual([]);
  });

  it('lints several repositories as one cluster, and a file by itself', async () => {
    const world = new World({ ...files, 'pay/b.yaml': rule('{}').replaceAll('bank', 'pay') });

    expect((await world.run('lint', ['app', 'pay'])).text).toContain('pay/b.yaml');
    expect((await world.run('lint', ['app/ns.yaml'])).text).not.toContain('app/a.yaml');
  });

  it('reads the configuration of a checkout, from any folder of it', async () => {
    const world = new World({ ...files, 'app/.meshwright/lint.yaml': 'rules: {tls-without-mode: off}\n' });
    world.checkouts.push('app');

    expect((await world.run('lint', ['app/a.yaml'])).text).toContain('Nothing found in 1 file.');
  });

  it.each([
    ['rules: {tls-witout-mode: off}\n', 'Did you mean tls-without-mode?'],
    ['rules: {tls-without-mode: loud}\n', 'Correct the value.'],
    ['rule: {}\n', 'Did you mean rules?'],
    ['rules: [\n', 'Correct the indentation, quotes or brackets at this place.'],
  ])('answers 2 for a broken configuration: %j', async (config, fix) => {
    const result = await new World({ ...files, 'app/.meshwright/lint.yaml': config }).run('lint', ['app']);

    expect(result).toMatchObject({ code: 2, problems: [{ file: 'app/.meshwright/lint.yaml', fix }] });
  });

  it.each([
    [['nowhere'], {}, 'There is no file or folder "nowhere".'],
    [['app'], { format: 'xml' }, 'There is no format "xml".'],
    [['app'], { failOn: 'fatal' }, 'There is no severity "fatal".'],
    [['app'], { dryRun: true }, '--dry-run needs --fix; lint alone writes nothing.'],
    [['app'], { explain: 'tls-witout-mode' }, 'There is no rule "tls-witout-mode".'],
    [['app'], { baseline: 'nowhere.json' }, 'There is no /home/me/nowhere.json.'],
  ])('answers 2 for a wrong use: %j %j', async (names, options, message) => {
    const result = await new World(files).run('lint', names, options);

    expect(result.code).toBe(2);
    expect(result.problems[0]?.message).toContain(message);
  });
});

const unquoted = `apiVersion: v1
kind: Pod
metadata:
  name: ledger
  annotations:
    traffic.sidecar.istio.io/excludeOutboundPorts: 5432
spec:
  containers:
    - name: ledger
      image: registry.example.com/ledger:1.4.0
`;
const quoted = unquoted.replace('excludeOutboundPorts: 5432', 'excludeOutboundPorts: "5432"');

describe('lint --fix', () => {
  it('fixes byte for byte, and reports what is left', async () => {
    const world = new World({ ...files, 'app/pod.yaml': unquoted });
    const { code, text } = await world.run('lint', ['app'], { fix: true });

    expect(code).toBe(1);
    expect(world.text('app/pod.yaml')).toBe(quoted);
    // Which of two labels is meant is for a person to say.
    expect(world.text('app/ns.yaml')).toBe(labels);
    expect(world.text('app/a.yaml')).toBe(rule('{}'));
    expect(text).toContain('1 fixed in 1 file.\n1 error, 1 warning in 3 files.\n');
  });

  it('--dry-run prints the diff, writes nothing, and answers 1', async () => {
    const world = new World({ 'app/pod.yaml': unquoted });
    const { code, text } = await world.run('lint', ['app'], { fix: true, dryRun: true });

    expect(code).toBe(1);
    expect(text).toContain('-    traffic.sidecar.istio.io/excludeOutboundPorts: 5432\n');
    expect(world.text('app/pod.yaml')).toBe(unquoted);
  });

  it('a second time has nothing to do', async () => {
    const world = new World({ 'app/pod.yaml': unquoted });
    await world.run('lint', ['app'], { fix: true });

    expect(await world.run('lint', ['app'], { fix: true })).toMatchObject({
      code: 0,
      text: '0 fixed in 0 files.\nNothing found in 1 file.\n',
    });
  });
});

describe('lint --update-baseline', () => {
  it('makes an old repository start clean, and reports what is new', async () => {
    const world = new World(files);
    expect(await world.run('lint', ['app'], { updateBaseline: true })).toMatchObject({
      code: 0,
      text: 'Wrote 2 findings to .meshwright/lint-baseline.json; from now on only other findings are reported.\n',
    });
    expect(await world.run('lint', ['app'])).toMatchObject({
      code: 0,
      text: 'Nothing found in 2 files; 2 in the baseline.\n',
    });

    world.disk.set('/home/me/app/b.yaml', rule('{}').replace('name: ledger', 'name: other'));

    expect(await world.run('lint', ['app'])).toMatchObject({
      code: 1,
      json: { summary: { errors: 1, accepted: 2 } },
    });
  });
});

describe('lint --max-warnings', () => {
  it('answers 1 above the number, 2 for what is none', async () => {
    const world = new World({ 'app/ns.yaml': labels });

    expect(await world.run('lint', ['app'], { maxWarnings: '1' })).toMatchObject({ code: 0 });
    expect(await world.run('lint', ['app'], { maxWarnings: '0' })).toMatchObject({ code: 1 });
    expect(await world.run('lint', ['app'], { maxWarnings: 'few' })).toMatchObject({ code: 2 });
  });

  it('answers 2 where there is no YAML file', async () => {
    expect(await new World({ 'app/README.md': '' }).run('lint', ['app'])).toMatchObject({ code: 2 });
  });
});

describe('lint --explain', () => {
  it('lists the rules', async () => {
    const { text } = await new World({}).run('lint', [], { explain: true });

    expect(text).toMatch(/^tls-without-mode +error +a DestinationRule `tls` block/m);
  });

  it.each(['namespace-two-injection-labels', 'IST0123', 'kia1316'])('prints the page of %s', async (name) => {
    const { text } = await new World({}).run('lint', [], { explain: name });

    expect(text).toMatch(/^# namespace-two-injection-labels\n/);
    expect(text).toContain('## Good');
  });
});
