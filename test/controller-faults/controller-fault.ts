/** What is done to a request of the controller, one step after the other. */
export type FaultStep =
  /** Sends the request to the API server and reads the answer; of a watch only the head. */
  | 'forward'
  /** Gives the controller the answer. */
  | 'deliver'
  /** Closes the connection without an answer. */
  | 'cut'
  /** SIGKILL for the controller. It is started again. */
  | 'kill'
  /** SIGSTOP and SIGCONT for the controller. */
  | 'freeze'
  | 'thaw'
  /** A second controller gets the Lease, and comes to rest. */
  | 'succeed'
  | 'hold-watches'
  | 'release-watches'
  /** Answers with a Status of this code instead of the API server. */
  | { readonly answer: number }
  | { readonly waitMs: number }

/** A fault at one request. */
export type ControllerFault = { readonly does: string; readonly steps: readonly FaultStep[] }

/** How long an answer or the events of watches are late. Longer than any back-off of a queue after a first failure. */
const LATE_MS = 3000

/** The faults, by name. */
export const CONTROLLER_FAULTS = {
  'dies-before': {
    does: 'the controller gets SIGKILL before the API server gets the request, and is started again',
    steps: ['kill', 'cut'],
  },
  'dies-after': {
    does: 'the controller gets SIGKILL when the API server has answered, and is started again',
    steps: ['forward', 'kill', 'cut'],
  },
  'answer-lost': {
    does: 'the API server answers, but the connection closes and the controller does not get the answer',
    steps: ['forward', 'cut'],
  },
  'answer-409': {
    does: 'the answer is 409 Conflict; the API server never gets the request',
    steps: [{ answer: 409 }],
  },
  'answer-410': {
    does: 'the answer is 410 Gone; the API server never gets the request',
    steps: [{ answer: 410 }],
  },
  'answer-429': {
    does: 'the answer is 429 Too Many Requests with `Retry-After: 1`; the API server never gets the request',
    steps: [{ answer: 429 }, { waitMs: LATE_MS }],
  },
  'answer-500': {
    does: 'the answer is 500 Internal Server Error; the API server never gets the request',
    steps: [{ answer: 500 }],
  },
  slow: {
    does: 'the controller gets the answer three seconds late, and the events of its watches in time',
    steps: ['forward', { waitMs: LATE_MS }, 'deliver'],
  },
  'stale-cache': {
    does: 'the controller gets the answer in time, and the events of its watches three seconds late',
    steps: ['hold-watches', 'forward', 'deliver', { waitMs: LATE_MS }, 'release-watches'],
  },
  'second-leader': {
    does:
      'the controller is frozen. A second controller becomes the leader and does the work. Then the API server gets the request of ' +
      'the first one, and the first one goes on',
    steps: ['freeze', 'succeed', 'forward', 'deliver', 'thaw', { waitMs: LATE_MS }],
  },
} as const satisfies Readonly<Record<string, ControllerFault>>

export type FaultName = keyof typeof CONTROLLER_FAULTS

export const FAULT_NAMES = Object.keys(CONTROLLER_FAULTS) as FaultName[]
