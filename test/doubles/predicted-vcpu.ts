import type { HostDocument } from '../../src/api/host-document.ts'
import { fromHex64 } from '../../src/api/hex64.ts'
import { firmwareRegisterByName } from '../../src/arm64/firmware-registers.ts'
import { registerByKvmId, registerByName } from '../../src/arm64/register.ts'
import type { VcpuConfiguration } from '../../src/discovery/vcpu-configuration.ts'
import { ERRNO, type Errno } from '../../src/linux/abi/errno.ts'
import { SystemCallError } from '../../src/linux/errno.ts'
import { predictWrite } from '../../src/prediction/predict-write.ts'
import { predictionHost, type PredictionHost } from '../../src/prediction/prediction-host.ts'

const isErrno = (name: string): name is Errno => name in ERRNO

/** A fresh vCPU that answers as the engine predicts of a host, except for the writes that a test refuses. */
export class PredictedVcpu {
  readonly writes: string[] = []
  readonly #values: Map<bigint, bigint>
  readonly #predicting: PredictionHost
  readonly #refused: Readonly<Record<string, Errno>>

  /** `refused`: by register, the errno of every write to it. */
  constructor(
    host: HostDocument,
    configuration: VcpuConfiguration,
    refused: Readonly<Record<string, Errno>> = {},
  ) {
    const predicting = predictionHost(host, configuration)
    if (predicting === undefined) throw new Error('the document does not tell of the configuration')
    this.#predicting = predicting
    this.#refused = refused
    const firmware = Object.entries(host.firmwareRegisters).map(
      ([name, text]) => [name, fromHex64(text)] as const,
    )
    this.#values = new Map(
      [...predicting.limitView, ...firmware].flatMap(([name, value]) => {
        const id = (registerByName(name) ?? firmwareRegisterByName(name))?.kvmRegisterId
        return id === undefined ? [] : [[id, value] as const]
      }),
    )
  }

  getOneReg(id: bigint): bigint {
    const value = this.#values.get(id)
    if (value === undefined) throw new SystemCallError('ioctl KVM_GET_ONE_REG', ERRNO.ENOENT)
    return value
  }

  setOneReg(id: bigint, value: bigint): number {
    const register = registerByKvmId(id)
    const name = register?.name ?? ''
    this.writes.push(name)
    const errno = this.#refused[name]
    if (errno !== undefined) return ERRNO[errno]
    const verdict = register === undefined ? undefined : predictWrite(this.#predicting, name, value)
    if (verdict?.verdict === 'refused') return isErrno(verdict.errno) ? ERRNO[verdict.errno] : ERRNO.EINVAL
    this.#values.set(id, verdict?.verdict === 'stored-as' ? verdict.stored : value)
    return 0
  }

  getWideReg(_id: bigint, words: number): BigUint64Array {
    return new BigUint64Array(words)
  }

  setWideReg(): number {
    return ERRNO.EINVAL
  }
}
