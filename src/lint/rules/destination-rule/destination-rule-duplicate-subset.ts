import { specOf, textsIn } from '../../facts/part.ts';
import { quoted } from '../../facts/syntax.ts';
import { rule } from '../../rule.ts';

export default rule({
  id: 'destination-rule-duplicate-subset',
  severity: 'error',
  kinds: ['DestinationRule'],
  summary: 'two subsets with the same name in a DestinationRule',
  why: 'The webhook rejects the DestinationRule: a route could not tell the two apart.',
  fix: 'Rename one of them, or merge the two.',
  equivalent: ['IST0106'],
  see: ['https://istio.io/latest/docs/reference/config/networking/destination-rule/#Subset'],
  *check(inventory) {
    for (const resource of inventory.of('DestinationRule')) {
      const seen = new Set<string>();
      for (const { path, text } of textsIn(specOf(resource), 'subsets', 'name')) {
        if (seen.has(text))
          yield { resource, path, message: `Another subset is already named ${quoted(text)}.` };
        seen.add(text);
      }
    }
  },
});
