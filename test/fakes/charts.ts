import type { ChartAnswer } from '../../src/model/charts.ts';
import type { Charts } from '../../src/model/ports.ts';

/** Renders charts to what their name says; without one, there is no helm. */
export function charts(outputs: Readonly<Record<string, string>> = {}): Charts {
  return {
    render({ chart }) {
      const about =
        chart.kind === 'remote'
          ? chart.name
          : /^name: *(.+)$/m.exec([...chart.files].find(([path]) => path === 'Chart.yaml')?.[1] ?? '')?.[1];
      const text = outputs[about ?? ''];
      const answer: ChartAnswer =
        text === undefined
          ? { kind: 'impossible', why: 'there is no helm to render it with', fix: 'Install helm' }
          : { kind: 'rendered', text };
      return Promise.resolve(answer);
    },
  };
}
