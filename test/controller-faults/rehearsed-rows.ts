/** The requests that came in each of several runs of one scenario, in the order of the first. */
export const rehearsedRows = (runs: readonly (readonly string[])[]): string[] => {
  const [first = [], ...others] = runs
  return first.filter((request) => others.every((run) => run.includes(request))).filter(isRow)
}

/** Which objects of the installation are there, the controller asks in a loop: one row for all of a kind. */
const isRow = (request: string): boolean => !/ \* #\d+$/.test(request)
