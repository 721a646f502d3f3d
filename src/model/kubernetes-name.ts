const labelName = /^[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?$/;
const subdomain = /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*$/;

/** RFC 1123 label, 1 to 63 characters: a namespace.
 *  @see https://kubernetes.io/docs/concepts/overview/working-with-objects/names/ */
export function isLabelName(text: string): boolean {
  return labelName.test(text);
}

/** RFC 1123 subdomain, 1 to 253 characters: most objects, and API groups. */
export function isSubdomain(text: string): boolean {
  return text.length <= 253 && subdomain.test(text);
}

/** A kind, which in lower case is an RFC 1035 label.
 *  @see https://github.com/kubernetes/apiextensions-apiserver/blob/master/pkg/apis/apiextensions/validation/validation.go */
export function isKind(text: string): boolean {
  return /^[A-Za-z](?:[-A-Za-z0-9]{0,61}[A-Za-z0-9])?$/.test(text);
}
