/** A mistake in the user's input. The message names the file, the place in it and what to do. Exit code 2. */
export class InputError extends Error {
  override readonly name = 'InputError'
}
