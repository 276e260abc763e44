/** A version of the architecture as people write it: `v8Ap2` of Arm's tables is `v8.2-A`. Other names are returned unchanged. */
export const versionName = (name: string): string => {
  const [, major, minor = '0'] = /^v(\d)Ap?(\d)?$/.exec(name) ?? []
  return major === undefined ? name : `v${major}.${minor}-A`
}
