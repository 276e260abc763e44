/** The first of some names, and how many more there are: `ID_PFR0_EL1 and 44 more`. */
export const namesText = ([first = 'none', ...others]: readonly string[]): string =>
  others.length === 0 ? first : `${first} and ${others.length} more`
