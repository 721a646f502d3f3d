/** Whether something holds; undefined: it depends on what is not known. */
export type Maybe = boolean | undefined;

/** Whether all hold: one that does not settles it, whatever the unknown ones are. */
export function allOf(values: Iterable<Maybe>): Maybe {
  let result: Maybe = true;
  for (const value of values) {
    if (value === false) return false;
    if (value === undefined) result = undefined;
  }
  return result;
}

/** Whether some hold: one that does settles it. */
export function anyOf(values: Iterable<Maybe>): Maybe {
  let result: Maybe = false;
  for (const value of values) {
    if (value === true) return true;
    if (value === undefined) result = undefined;
  }
  return result;
}

export function negate(value: Maybe): Maybe {
  return value === undefined ? undefined : !value;
}
