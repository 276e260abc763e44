/** The version of this product: of its bundle, its metrics and its user agent. */
export const VERSION = '0.1.0'
