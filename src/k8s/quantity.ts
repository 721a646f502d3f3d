const form = /^[+-]?(\d{1,30}(\.\d{0,30})?|\.\d{1,30})([KMGTPE]i|[numkMGTPE]|[eE][+-]?\d{1,3})?$/;

/** Whether a text is a quantity of Kubernetes: `100m`, `128Mi`, `1e3`.
 *  @see https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/ */
export function isQuantity(text: string): boolean {
  return form.test(text);
}
