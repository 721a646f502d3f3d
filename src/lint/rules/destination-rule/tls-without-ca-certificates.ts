import { objectAt, stringAt, valueAt } from '../../../model/json.ts';
import { hostOf, tlsModeOf } from '../../../mesh/declared-tls.ts';
import { trafficPolicies } from '../../../mesh/destination-rule.ts';
import { hasPlaceholder } from '../../../mesh/placeholder.ts';
import { rule } from '../../rule.ts';

export default rule({
  id: 'tls-without-ca-certificates',
  severity: 'warning',
  kinds: ['DestinationRule'],
  summary: 'a DestinationRule that originates TLS without naming the CAs to trust',
  why: 'With `SIMPLE` or `MUTUAL` and no `caCertificates`, the proxy trusts the CAs of its operating system. That is right for public names, where the severity is info, but a service in the cluster rarely has a certificate from such a CA, and callers get a 503. Before Istio 1.21, the certificate was not verified at all. With `insecureSkipVerify` it never is, so any server is trusted.',
  fix: 'Set `caCertificates`, or `credentialName` if the DestinationRule has a `workloadSelector`.',
  equivalent: ['IST0128', 'IST0129'],
  see: [
    'https://istio.io/latest/docs/reference/config/analysis/ist0128/',
    'https://istio.io/latest/docs/reference/config/networking/destination-rule/#ClientTLSSettings',
  ],
  *check(inventory) {
    const { clusterDomain, istioVersion } = inventory.settings;
    const verifiesNothing = istioVersion !== undefined && isBefore(istioVersion, 21);
    for (const resource of inventory.of('DestinationRule')) {
      const host = hostOf(resource, inventory);
      const isInside = host.endsWith(`.${clusterDomain}`) && !hasPlaceholder(host);
      for (const { path, policy } of trafficPolicies(resource)) {
        const mode = tlsModeOf(policy);
        if (mode !== 'SIMPLE' && mode !== 'MUTUAL') continue;
        const tls = objectAt(policy, 'tls');
        const skips = valueAt(tls, 'insecureSkipVerify') === true;
        const hasSecret = stringAt(tls, 'credentialName') !== undefined;
        const trusts = stringAt(tls, 'caCertificates') !== undefined;
        if (!skips && (trusts || (hasSecret && resource.spec.workloadSelector !== undefined))) continue;
        yield {
          resource,
          path: [...path, 'tls', skips ? 'insecureSkipVerify' : 'mode'],
          message: skips
            ? `The proxy accepts any certificate from ${host}, so it trusts whoever answers.`
            : verifiesNothing
              ? `Istio ${istioVersion} does not verify the certificate of ${host} without "caCertificates".`
              : isInside
                ? `The proxy verifies the certificate of ${host} against its system's public CAs, which are unlikely to have issued it.`
                : `The proxy verifies the certificate of ${host} against its system's public CAs.`,
          // istioctl warns of all, as if nothing were verified; since Istio 1.21 it is.
          ...(!skips && !verifiesNothing && !isInside && { severity: 'info' }),
        };
      }
    }
  },
});

/** Whether a version is of an earlier minor release of Istio 1. */
function isBefore(version: string, minor: number): boolean {
  const [major, own] = version.split('.').map(Number);
  return major === 1 && own !== undefined && own < minor;
}
