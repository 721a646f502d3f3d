import { partsIn, specOf, textsIn } from '../../facts/part.ts';
import { quoted } from '../../facts/syntax.ts';
import { rule } from '../../rule.ts';

export default rule({
  id: 'egress-host-redundant',
  severity: 'warning',
  kinds: ['Sidecar'],
  summary: 'an egress host of a Sidecar that another one of the same listener covers',
  why: 'It changes nothing, and hides what does: beside `*/*` or `shop/*` a list of single services looks like a limit and is none. The webhook accepts it with a warning.',
  fix: 'Delete the host, or the wider one if the list was meant as a limit.',
  equivalent: ['IST0133'],
  see: ['https://istio.io/latest/docs/reference/config/networking/sidecar/#IstioEgressListener'],
  *check(inventory) {
    for (const resource of inventory.of('Sidecar'))
      for (const listener of partsIn(specOf(resource), 'egress')) {
        const hosts = [...textsIn(listener, 'hosts')].flatMap(({ path, text }) => {
          const [first = '', ...rest] = text.split('/');
          if (rest.length === 0 || first.startsWith('~')) return [];
          const namespace = first === '.' ? resource.namespace : first;
          return [{ path, text, namespace, whole: `${namespace}/${rest.join('/')}` }];
        });
        const all = new Set(hosts.map(({ whole }) => whole));
        const seen = new Set<string>();
        for (const { path, text, namespace, whole } of hosts) {
          const wide = ['*/*', `${namespace}/*`].find((each) => each !== whole && all.has(each));
          if (seen.has(whole)) yield { resource, path, message: `${quoted(text)} is listed already.` };
          else if (wide !== undefined)
            yield {
              resource,
              path,
              message: `${quoted(text)} is in "${wide}" already, which this listener has too.`,
            };
          seen.add(whole);
        }
      }
  },
});
