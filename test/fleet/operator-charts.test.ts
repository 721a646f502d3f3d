import { expect, it } from 'vitest';
import { operatorCharts } from '../../src/fleet/operator-charts.ts';

const file = '/home/me/.config/meshwright/config.yaml';

it('takes the environment before the configuration, and nothing where nobody says', () => {
  const text = 'helm: {program: /opt/helm, hosts: [GHCR.io]}\n';

  expect(operatorCharts({}, undefined)).toMatchObject({ value: { program: undefined, hosts: [] } });
  expect(operatorCharts({}, { file, text })).toMatchObject({
    value: { program: '/opt/helm', hosts: ['ghcr.io'] },
  });
  expect(
    operatorCharts(
      { MESHWRIGHT_HELM: 'off', MESHWRIGHT_CHART_HOSTS: 'a.example:5000, b.example' },
      { file, text },
    ),
  ).toMatchObject({ value: { program: 'off', hosts: ['a.example:5000', 'b.example'] } });
  expect(operatorCharts({ MESHWRIGHT_CHART_HOSTS: '' }, { file, text })).toMatchObject({
    value: { hosts: [] },
  });
});

it.each([
  [{ MESHWRIGHT_HELM: 'helm' }, 'helm-program-invalid'],
  [{ MESHWRIGHT_HELM: './bin/helm' }, 'helm-program-invalid'],
  [{ MESHWRIGHT_CHART_HOSTS: 'https://ghcr.io' }, 'chart-host-invalid'],
  [{ MESHWRIGHT_CHART_HOSTS: '*' }, 'chart-host-invalid'],
])('refuses %o', (environment, rule) => {
  expect(operatorCharts(environment, undefined)).toMatchObject({ ok: false, problems: [{ rule }] });
});

it('names a key of the configuration that is not known', () => {
  const found = operatorCharts({}, { file, text: 'helm:\n  plugins: x\n' });

  expect(found).toMatchObject({ ok: false, problems: [{ rule: 'fleet-unknown-key', file, line: 2 }] });
});
