import {
  isObject,
  listAt,
  objectAt,
  stringAt,
  valueAt,
  type JsonObject,
  type JsonValue,
} from '../model/json.ts';

/** Whether a text is as a StringMatch of a VirtualService wants it (`exact`, `prefix`, `regex`); without any of them it must
 *  only be there. People's expressions can be made to take forever, so that only the simplest are looked at.
 *  @param text  undefined: not known
 *  @returns undefined: it can't be told
 *  @see https://istio.io/latest/docs/reference/config/networking/virtual-service/#StringMatch */
export function matchesString(wanted: JsonValue | undefined, text: string | undefined): boolean | undefined {
  return compare(wanted, text, (value) => value);
}

/** The same for the path of a request, which always begins with a slash.
 *  @param match  an HTTPMatchRequest; its `ignoreUriCase` holds for paths alone, and not for expressions */
export function matchesUri(match: JsonObject, path: string | undefined): boolean | undefined {
  if (takesAnyUri(match)) return true;
  return compare(match.uri, path, match.ignoreUriCase === true ? lower : (value) => value);
}

function compare(
  wanted: JsonValue | undefined,
  text: string | undefined,
  fold: (value: string) => string,
): boolean | undefined {
  if (isForPresence(wanted)) return true;
  const regex = stringAt(wanted, 'regex');
  if (regex !== undefined) return regex === '.*' ? true : undefined;
  const prefix = stringAt(wanted, 'prefix');
  if (prefix === '') return true;
  if (text === undefined) return undefined;
  const exact = stringAt(wanted, 'exact');
  if (exact !== undefined) return fold(text) === fold(exact);
  return prefix === undefined ? true : fold(text).startsWith(fold(prefix));
}

function lower(text: string): string {
  return text.toLowerCase();
}

/** Without a condition, or with Istio's own `regex: "*"`, which is no expression, a text must only be there. */
function isForPresence(wanted: JsonValue | undefined): boolean {
  return !isObject(wanted) || isEmpty(wanted) || wanted.regex === '*';
}

function isEmpty(value: JsonValue | undefined): boolean {
  if (value === undefined || value === null) return true;
  return typeof value === 'object' && Object.keys(value).length === 0;
}

/** Whether an HTTPMatchRequest says nothing of the path that not every path fulfils. */
function takesAnyUri({ uri }: JsonObject): boolean {
  if (!isObject(uri) || isEmpty(uri)) return true;
  return (
    ['', '/'].includes(stringAt(uri, 'prefix') ?? ' ') || ['.*', '/.*'].includes(stringAt(uri, 'regex') ?? '')
  );
}

/** Whether every text that `given` takes is taken by `wanted`; false too where that can't be told. */
export function coversString(wanted: JsonValue | undefined, given: JsonValue | undefined): boolean {
  return isForPresence(wanted) || covers(wanted, given, (value) => value);
}

/** The same for the paths of two HTTPMatchRequests. */
export function coversUri(wanted: JsonObject, given: JsonObject): boolean {
  if (takesAnyUri(wanted)) return true;
  const isLoose = wanted.ignoreUriCase === true;
  if (!isLoose && given.ignoreUriCase === true) return false;
  return covers(wanted.uri, given.uri, isLoose ? lower : (value) => value);
}

function covers(
  wanted: JsonValue | undefined,
  given: JsonValue | undefined,
  fold: (value: string) => string,
): boolean {
  const text = (value: JsonValue | undefined, key: string) => {
    const found = stringAt(value, key);
    return found === undefined ? undefined : fold(found);
  };
  const exact = text(given, 'exact');
  const wantedPrefix = text(wanted, 'prefix');
  if (wantedPrefix !== undefined) return (exact ?? text(given, 'prefix'))?.startsWith(wantedPrefix) === true;
  const wantedExact = text(wanted, 'exact');
  if (wantedExact !== undefined) return exact === wantedExact;
  const wantedRegex = stringAt(wanted, 'regex');
  return wantedRegex !== undefined && stringAt(given, 'regex') === wantedRegex;
}

/** Whether Istio moves what a match of a route takes behind all other routes of the host: it has no condition on the request,
 *  and the path is the prefix `/` or the expression `.*`. Which proxies and ports a match is for does not count.
 *  @see https://github.com/istio/istio/blob/master/pilot/pkg/networking/core/route/route.go IsCatchAllRoute */
export function isCatchAllMatch(match: JsonObject): boolean {
  const { uri } = match;
  const isAny =
    !isObject(uri) || isEmpty(uri) || stringAt(uri, 'prefix') === '/' || stringAt(uri, 'regex') === '.*';
  const isConditional =
    ['headers', 'withoutHeaders', 'queryParams'].some(
      (key) => Object.keys(objectAt(match, key)).length > 0,
    ) || ['method', 'authority', 'scheme'].some((key) => isObject(valueAt(match, key)));
  return isAny && !isConditional;
}

/** The same for a whole route: one of its matches is for everything, or it has none. */
export function isCatchAllRoute(route: JsonObject): boolean {
  const matches = listAt(route, 'match');
  return matches.length === 0 || matches.some((match) => isCatchAllMatch(objectAt(match)));
}
