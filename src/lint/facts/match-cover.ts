import { isObject, listAt, stringsAt, valueAt, type JsonObject, type JsonValue } from '../../model/json.ts';
import { covers } from '../../k8s/host.ts';
import { coversString, coversUri } from '../../k8s/http-match.ts';

/** Fields of a match that do not restrict requests. */
const remarks: ReadonlySet<string> = new Set(['name', 'statPrefix', 'ignoreUriCase']);

/** Whether `earlier` already matches every request that `later` matches; false if that is not known.
 *  @see https://istio.io/latest/docs/reference/config/networking/virtual-service/#HTTPMatchRequest */
export function takesAllOf(earlier: JsonObject, later: JsonObject): boolean {
  return Object.entries(earlier).every(([field, wanted]) => {
    if (remarks.has(field) || isEmpty(wanted)) return true;
    const given = valueAt(later, field);
    if (field === 'uri') return coversUri(earlier, later);
    if (given === undefined || given === null) return false;
    if (field === 'headers' || field === 'queryParams') return everyKey(wanted, given, coversString);
    if (field === 'sourceLabels') return everyKey(wanted, given, (one, other) => one === other);
    // The match that excludes more is the narrower one.
    if (field === 'withoutHeaders') return everyKey(wanted, given, (one, other) => coversString(other, one));
    if (field === 'gateways' || field === 'destinationSubnets') return holdsAll(wanted, given);
    if (field === 'sniHosts')
      return stringsAt(given).every((name) => stringsAt(wanted).some((pattern) => covers(pattern, name)));
    if (field === 'scheme' || field === 'method' || field === 'authority') return coversString(wanted, given);
    return wanted === given;
  });
}

/** Whether a match covers every request of the proxies it applies to. */
export function takesEverything(match: JsonObject): boolean {
  return takesAllOf(match, {});
}

function isEmpty(value: JsonValue): boolean {
  if (value === null) return true;
  return typeof value === 'object' && Object.keys(value).length === 0;
}

function everyKey(
  wanted: JsonValue,
  given: JsonValue,
  holds: (one: JsonValue, other: JsonValue) => boolean,
): boolean {
  if (!isObject(wanted) || !isObject(given)) return false;
  return Object.entries(wanted).every(([key, value]) => {
    const other = valueAt(given, key);
    return other !== undefined && holds(value, other);
  });
}

function holdsAll(wanted: JsonValue, given: JsonValue): boolean {
  const known = new Set(listAt(wanted));
  const named = listAt(given);
  return named.length > 0 && named.every((each) => known.has(each));
}
