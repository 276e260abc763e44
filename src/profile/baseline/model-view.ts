import type { NotAccepted } from '../compile-result.ts'
import type { CpuModel } from './cpu-model.ts'
import { MODEL_CATALOGUE } from './model-catalogue.generated.ts'
import { nearestNames } from '../spec/nearest-names.ts'

/** The model of a name, or that there is none, with the names most like it. */
export const modelByName = (name: string): CpuModel | NotAccepted =>
  MODEL_CATALOGUE.find((model) => model.name === name) ?? {
    kind: 'not-accepted',
    reason: 'UnknownModel',
    message: `spec.base.model.name: there is no model ${name}; the nearest names are ${nearestNames(
      name,
      MODEL_CATALOGUE.map((model) => model.name),
    )}`,
  }
