import { join } from 'node:path'
import { runCommand } from './process.ts'
import { requireTools } from './tools.ts'

const CERTIFICATE = 'front-proxy-client'

/** Writes the certificate with which the API server comes to aggregated API servers, and by which these know it. */
export const writeFrontProxy = async (folder: string): Promise<void> => {
  requireTools('openssl')
  const file = join(folder, CERTIFICATE)
  await runCommand([
    ...['openssl', 'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-noenc'],
    ...['-subj', `/CN=${CERTIFICATE}`, '-addext', 'extendedKeyUsage=clientAuth'],
    ...['-days', '30', '-keyout', `${file}.key`, '-out', `${file}.crt`],
  ])
}

/**
 * Flags with which the API server publishes how it says on whose behalf it asks, in the ConfigMap extension-apiserver-authentication: an
 * aggregated API server such as KubeVirt's virt-api does not start without it.
 */
export const frontProxyFlags = (folder: string): string[] => {
  const file = join(folder, CERTIFICATE)
  return [
    `--requestheader-client-ca-file=${file}.crt`,
    `--requestheader-allowed-names=${CERTIFICATE}`,
    '--requestheader-username-headers=X-Remote-User',
    '--requestheader-group-headers=X-Remote-Group',
    '--requestheader-extra-headers-prefix=X-Remote-Extra-',
    `--proxy-client-cert-file=${file}.crt`,
    `--proxy-client-key-file=${file}.key`,
  ]
}
