/** What Kubernetes takes for the name of an object: a DNS subdomain (RFC 1123). */
const SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/
const LONGEST = 253

/** `<name>-<hash>` must be a label value, of at most 63 characters. */
export const LONGEST_PROFILE_NAME = 52

/** What is wrong with a name of an object, to follow the name; undefined if Kubernetes takes it. */
export const objectNameProblem = (name: string): string | undefined => {
  if (!SUBDOMAIN.test(name))
    return 'Kubernetes takes only lower-case letters, digits, - and ., with a letter or digit at each end and beside each .'
  return name.length > LONGEST ? `must have at most ${LONGEST} characters` : undefined
}

/** The same of the name of a profile. */
export const profileNameProblem = (name: string): string | undefined =>
  objectNameProblem(name) ??
  (name.length > LONGEST_PROFILE_NAME
    ? `must have at most ${LONGEST_PROFILE_NAME} characters, because <name>-<hash> becomes a label value`
    : undefined)
