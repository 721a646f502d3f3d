import { listAt, stringAt, valueAt, type YamlPath } from '../../model/json.ts';
import { isList } from '../../model/json.ts';
import { entranceCollector } from '../entrance.ts';
import { controllerCaller, namedCalls, textsIn } from '../ways.ts';

const flagger = { name: 'Flagger', image: /(?:^|\/)flagger(?:[:@]|$)/, chart: /^flagger$/ };

/** Webhooks of Flagger's analysis: Flagger calls them, and load testers call what their commands name.
 *  @see https://docs.flagger.app/usage/webhooks */
export default entranceCollector({
  way: 'flagger',
  *find(inventory) {
    for (const resource of inventory.of('Canary'))
      for (const key of ['analysis', 'canaryAnalysis'])
        for (const [index, webhook] of listAt(resource.spec, key, 'webhooks').entries()) {
          const at: YamlPath = ['spec', key, 'webhooks', index];
          const text = stringAt(webhook, 'url') ?? '';
          const from = controllerCaller(flagger, inventory);
          const asked = [...namedCalls({ text, path: [...at, 'url'] }, resource, from, 'flagger', inventory)];
          yield* asked;
          const [tester] = asked;
          const metadata = valueAt(webhook, 'metadata');
          if (tester === undefined || metadata === undefined || isList(metadata)) continue;
          const { namespace, name } = tester.to;
          for (const each of textsIn(metadata, [...at, 'metadata']))
            yield* namedCalls(each, resource, { kind: 'workload', namespace, name }, 'flagger', inventory);
        }
  },
});
