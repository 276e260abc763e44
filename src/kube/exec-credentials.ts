import type { RequestOptions } from 'node:https'
import { ExecAuth } from '@kubernetes/client-node/dist/exec_auth.js'
import type { Credentials } from './cluster-access.ts'

/**
 * A credential plugin (`users[].user.exec`, client.authentication.k8s.io), run by client-node's own implementation.
 * That module alone is imported: the package's index costs 1.3 MB in the bundle and 75 ms at start.
 */
export class ExecCredentials implements Credentials {
  readonly #userName: string
  readonly #exec: unknown
  #auth = new ExecAuth()

  constructor(userName: string, exec: unknown) {
    this.#userName = userName
    this.#exec = exec
  }

  async headers(): Promise<Readonly<Record<string, string>>> {
    const options: RequestOptions & { headers: Record<string, string> } = { headers: {} }
    await this.#auth.applyAuthentication({ name: this.#userName, exec: this.#exec }, options)
    const authorization = options.headers['Authorization']
    if (authorization !== undefined) return { authorization }
    throw new Error(
      options.cert === undefined
        ? `credential plugin of kubeconfig user ${this.#userName} gave no token`
        : `credential plugin of kubeconfig user ${this.#userName} gave a client certificate; only tokens are supported: name the certificate in the kubeconfig`,
    )
  }

  invalidate(): void {
    this.#auth = new ExecAuth()
  }
}
