/** Remembers what was made of an object, as long as it is there. */
export const remembered = <A extends object, R extends object>(make: (a: A) => R): ((a: A) => R) => {
  const known = new WeakMap<A, R>()
  return (a) => {
    const made = known.get(a) ?? make(a)
    known.set(a, made)
    return made
  }
}

/** {@link remembered} of two objects: a plan is judged against every host, and under it each host is compared with every other. */
export const rememberedOfBoth = <A extends object, B extends object, R extends object>(
  make: (a: A, b: B) => R,
): ((a: A, b: B) => R) => {
  const ofA = remembered((a: A) => remembered((b: B) => make(a, b)))
  return (a, b) => ofA(a)(b)
}
