import { PASS_MESSAGES, PASSED_REASON } from '../src/catalogue/applied-reasons.ts'
import { CONTAINER_REFUSALS } from '../src/catalogue/container-refusals.ts'
import { REFUSAL_REMEDIES } from '../src/catalogue/refusal-reasons.ts'
import { LAUNCH_EVENTS } from '../src/launch/record/launch-event.ts'
import { LAUNCH_OUTCOMES } from '../src/launch/record/render-launch-record.ts'
import { ERROR_CATALOGUE } from '../src/catalogue/error-codes.ts'
import { METRIC_TABLE, type MetricDeclaration } from '../src/observability/metric-table.ts'
import { PLAN_REASONS } from '../src/catalogue/plan-reasons.ts'
import { REACH_REASONS } from '../src/catalogue/reach-reasons.ts'
import { PROFILE_PROBLEMS } from '../src/catalogue/profile-problems.ts'
import { GENERATED_NOTICE } from './docs/generated-notice.ts'
import {
  COMPILE_REASONS,
  PLACEMENT_REASONS,
  PROBE_REASONS,
  SERVING_REASONS,
  TRIAL_REASONS,
} from '../src/catalogue/condition-reasons.ts'

const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ')

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => '---'), ...rows].map((row) => `| ${row.map(cell).join(' | ')} |`).join('\n')

const named = (reasons: Readonly<Record<string, string>>): string =>
  table(
    ['reason', 'what it means'],
    Object.entries(reasons).map(([name, what]) => [`\`${name}\``, what]),
  )

const meant = (reasons: Readonly<Record<string, { readonly means: string }>>): string =>
  named(Object.fromEntries(Object.entries(reasons).map(([name, { means }]) => [name, means])))

const errorsPage = (): string => `${GENERATED_NOTICE}

# Errors, findings and reasons

This page lists every error, finding and reason that cpufeatures reports, and what helps. [Concepts](concepts.md#terms) explains the terms.

## Errors that end a command

${table(
  ['code', 'what', 'what helps', 'exit code'],
  Object.entries(ERROR_CATALOGUE).map(([code, entry]) => [
    `\`${code}\``,
    entry.summary,
    entry.remedy,
    String('exitCode' in entry ? entry.exitCode : 1),
  ]),
)}

## Findings: why a plan does not fit a host

These findings appear in a profile's \`status.classes[].findings\`, in the conditions and events of its pods, and in the output of the
CLI. Each finding has a \`reason\`, and a \`remedy\` that says what would help. It has the following keys only if they apply:

${table(
  ['key', 'what it says'],
  [
    ['`register`, `field`', 'where the plan and the host differ'],
    ['`wanted`', 'what the plan wants: a value, a feature, or a kernel version'],
    [
      '`limit`',
      'what the host has instead: the value that it shows, the most that it can show, a KVM capability, or its kernel',
    ],
    ['`writable`', 'whether KVM lets anyone change the field'],
    [
      '`message`',
      'the finding as a sentence, which the CLI prints in its other output formats. Only `-o json` and `-o yaml` have this key',
    ],
  ],
)}

${meant(PLAN_REASONS)}

## Findings: why VMs cannot move between two hosts

These findings appear in a profile's \`status.reach[].findings\` and in the output of the CLI. They have the keys above, except \`wanted\`
and \`limit\`. Instead, they have two other keys. \`onFrom\` says what guests find on the host that VMs would leave, and \`onTo\` says what
they find on the host to which VMs would move. If the destination does not fit the plan, \`status.reach[].findings\` has findings of the
first kind.

${meant(REACH_REASONS)}

## Conditions Accepted and Compiled of a CpuFeatureProfile

${named(COMPILE_REASONS)}

## Condition Schedulable of a CpuFeatureProfile, \`cpufeatures.dev/Schedulable\` of a Pod

${named(PLACEMENT_REASONS)}

## Condition Probed of a NodeCpuFeatures

${named(Object.fromEntries(Object.values(PROBE_REASONS)))}

## Condition TrialsPassed of a NodeCpuFeatures

${named(Object.fromEntries(Object.values(TRIAL_REASONS)))}

## Condition Serving of a NodeCpuFeatures

${named(Object.fromEntries(Object.values(SERVING_REASONS)))}

## Why a node-agent cannot install a seccomp profile

While one of these problems lasts, the node-agent is not ready. Its log and \`/readyz\` name the profile, container or path that has the
problem.

${table(
  ['reason', 'what it means', 'what helps'],
  Object.entries(PROFILE_PROBLEMS).map(([name, { means, remedy }]) => [`\`${name}\``, means, remedy]),
)}

## Outcomes of a launch

${table(
  ['outcome', 'what it means'],
  Object.entries(LAUNCH_OUTCOMES).map(([name, what]) => [`\`${name}\``, what]),
)}

## Events of a launch

\`run\` attaches these events to the NodeCpuFeatures of the node, with the revision as the related object. The node-agent attaches them
to the pod, and uses the same reasons in the pod's condition \`cpufeatures.dev/Applied\`.

${named(LAUNCH_EVENTS)}

## Why a container may not make a VM

For one of these reasons, the node-agent makes a container's KVM_CREATE_VM fail with EPERM. The pod's condition
\`cpufeatures.dev/Applied\` and an event give the reason, and say what helps.

${table(
  ['reason', 'what helps'],
  Object.entries(CONTAINER_REFUSALS).map(([name, remedy]) => [`\`${name}\``, remedy]),
)}

The condition has the reason \`${PASSED_REASON}\` if the node-agent lets a pod's VMs show the CPU of their host. The message says why:

${table(
  ['why', 'message'],
  Object.entries(PASS_MESSAGES).map(([name, message]) => [`\`${name}\``, message]),
)}

## Why a launch was refused

These refusals are in the launch record under \`refused\`. Each has a \`reason\`, and a \`remedy\` that says what helps. It has the
following keys only if they apply:

${table(
  ['key', 'what it says'],
  [
    ['`register`, `field`, `feature`', 'what the refusal is about'],
    ['`wanted`', 'the value that the plan wants'],
    ['`shown`', 'the value that the vCPU shows'],
    ['`cause`', 'the error, thread or process that led to the refusal'],
  ],
)}

[Who refuses a launch](../ARCHITECTURE.md#who-refuses-a-launch) says where the code decides each refusal.

${table(
  ['reason', 'what helps'],
  Object.entries(REFUSAL_REMEDIES).map(([name, remedy]) => [`\`${name}\``, remedy]),
)}
`

const metricsPage = (): string => `${GENERATED_NOTICE}

# Metrics

The controller and the node-agent serve these metrics at /metrics. \`cpufeatures supervise --metrics FILE\` writes them to a file.
Each process also exports the usual metrics of a Node.js process.
No label contains the name of a pod or node, so the number of time series stays small.

${table(
  ['metric', 'kind', 'labels', 'what it counts or measures'],
  Object.entries(METRIC_TABLE).map(([name, metric]: [string, MetricDeclaration]) => [
    `\`${name}\``,
    metric.kind,
    metric.labels.map((label) => `\`${label}\``).join(', '),
    metric.help,
  ]),
)}
`

/** The reference pages that say what the code says. */
export const generateDocs = (): { path: string; text: string }[] => [
  { path: 'docs/errors.md', text: errorsPage() },
  { path: 'docs/metrics.md', text: metricsPage() },
]
