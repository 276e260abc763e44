import type { Refusals } from '../../src/controller/judgements.ts'

/** No node has refused a revision in a trial. */
export const NO_REFUSALS: Refusals = { refusal: () => undefined }
