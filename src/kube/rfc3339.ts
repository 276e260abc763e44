/** A moment, in ms since 1970, as `metav1.Time` has it on the wire: without a fraction. */
export const rfc3339 = (ms: number): string => new Date(ms).toISOString().replace(/\.\d{3}Z$/, 'Z')
