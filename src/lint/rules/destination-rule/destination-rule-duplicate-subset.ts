import { specOf, textsIn } from '../../facts/part.ts';
import { quoted } from '../../facts/syntax.ts';
import { rule } from '../../rule.ts';

export default rule({
  id: 'destination-rule-duplicate-subset',
  severity: 'error',
  kinds: ['DestinationRule'],
  summary: 'two subsets of a DestinationRule with the same name',
  why: 'The webhook refuses the DestinationRule: a route could not say which of the two it means.',
  fix: 'Rename one, or put the labels of both into one subset.',
  equivalent: ['IST0106'],
  see: ['https://istio.io/latest/docs/reference/config/networking/destination-rule/#Subset'],
  *check(inventory) {
    for (const resource of inventory.of('DestinationRule')) {
      const seen = new Set<string>();
      for (const { path, text } of textsIn(specOf(resource), 'subsets', 'name')) {
        if (seen.has(text)) yield { resource, path, message: `Another subset is called ${quoted(text)}.` };
        seen.add(text);
      }
    }
  },
});
