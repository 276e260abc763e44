/** Remembers what was made of an object, as long as it is there. */
export const remembered = <A extends object, R>(make: (a: A) => R): ((a: A) => R) => {
  const known = new WeakMap<A, { readonly made: R }>()
  return (a) => {
    const before = known.get(a)
    if (before !== undefined) return before.made
    const made = make(a)
    known.set(a, { made })
    return made
  }
}

/** {@link remembered} of two objects: a plan is judged against every host, and under it each host is compared with every other. */
export const rememberedOfBoth = <A extends object, B extends object, R>(
  make: (a: A, b: B) => R,
): ((a: A, b: B) => R) => {
  const ofA = remembered((a: A) => remembered((b: B) => make(a, b)))
  return (a, b) => ofA(a)(b)
}
