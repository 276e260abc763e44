import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { LAB_PATHS } from '../harness/lab-paths.ts'

/** An alerting rule of Prometheus. */
export type Alert = {
  readonly alert: string
  readonly expr: string
  readonly labels: { readonly severity: string }
  readonly annotations: { readonly summary: string }
}

type PrometheusRule = { readonly spec: { readonly groups: readonly { readonly rules: readonly Alert[] }[] } }

const rule = parse(
  readFileSync(join(LAB_PATHS.root, 'deploy/monitoring/alerts.yaml'), 'utf8'),
) as PrometheusRule

/** What a rule file of Prometheus has: the spec of the PrometheusRule. */
export const RULE_FILE = rule.spec

/** The alerts of deploy/monitoring. */
export const ALERTS = rule.spec.groups.flatMap(({ rules }) => rules)
