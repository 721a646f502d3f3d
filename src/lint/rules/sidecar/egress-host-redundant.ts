import { partsIn, specOf, textsIn } from '../../facts/part.ts';
import { quoted } from '../../facts/syntax.ts';
import { rule } from '../../rule.ts';

export default rule({
  id: 'egress-host-redundant',
  severity: 'warning',
  kinds: ['Sidecar'],
  summary: 'a Sidecar egress host that another host of the same listener covers',
  why: 'The host has no effect and is misleading: next to `*/*` or `shop/*`, a list of single services looks like a limit but is not. The webhook accepts it with a warning.',
  fix: 'Remove the host, or the wider one if the list is meant as a limit.',
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
          if (seen.has(whole)) yield { resource, path, message: `${quoted(text)} is listed twice.` };
          else if (wide !== undefined)
            yield {
              resource,
              path,
              message: `"${wide}" in the same listener already covers ${quoted(text)}.`,
            };
          seen.add(whole);
        }
      }
  },
});
