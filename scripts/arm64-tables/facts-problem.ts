/** A mistake in a table of `facts/`: the message names the table, the row and what to do. */
export class FactsProblem extends Error {}
