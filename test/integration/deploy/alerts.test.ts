import assert from 'node:assert/strict'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { before, describe, it } from 'node:test'
import { stringify } from 'yaml'
import { ALERTS, RULE_FILE } from '../../deploy/alert-rules.ts'
import { runFolder } from '../../harness/lab-paths.ts'
import { runCommand } from '../../harness/process.ts'
import { promtool } from '../../harness/promtool.ts'

/** Series in the notation of promtool, a value a minute; an alert that they cause after so long, and one where all is well. */
type Case = {
  readonly alert: string
  readonly series: Readonly<Record<string, string>>
  readonly well: Readonly<Record<string, string>>
  readonly labels?: Readonly<Record<string, string>>
}

const AGENT = 'job="cpufeatures-node-agent",node="n1"'

const CASES: readonly Case[] = [
  {
    alert: 'CpuFeaturesNoLeader',
    series: {
      'cpufeatures_leader_is_leading{pod="a"}': '0x60',
      'cpufeatures_leader_is_leading{pod="b"}': '0x60',
    },
    well: {
      'cpufeatures_leader_is_leading{pod="a"}': '0x60',
      'cpufeatures_leader_is_leading{pod="b"}': '1x60',
    },
  },
  {
    alert: 'CpuFeaturesReconcileFails',
    series: { 'cpufeatures_reconcile_total{controller="pod",result="error"}': '0+1x60' },
    well: { 'cpufeatures_reconcile_total{controller="pod",result="success"}': '0+1x60' },
    labels: { controller: 'pod' },
  },
  {
    alert: 'CpuFeaturesNodeAgentDown',
    series: { [`up{${AGENT}}`]: '0x60' },
    well: { [`up{${AGENT}}`]: '1x60' },
    labels: { job: 'cpufeatures-node-agent', node: 'n1' },
  },
  {
    alert: 'CpuFeaturesSeccompProfileProblem',
    series: { 'cpufeatures_seccomp_profiles{state="problem",node="n1"}': '2x60' },
    well: { 'cpufeatures_seccomp_profiles{state="installed",node="n1"}': '9x60' },
    labels: { state: 'problem', node: 'n1' },
  },
  {
    alert: 'CpuFeaturesLaunchRefused',
    series: { 'cpufeatures_launch_outcomes_total{outcome="refused",node="n1"}': '0x20 1x40' },
    well: { 'cpufeatures_launch_outcomes_total{outcome="verified",node="n1"}': '0+1x60' },
    labels: { outcome: 'refused', node: 'n1' },
  },
  {
    alert: 'CpuFeaturesContainerRefused',
    series: {
      'cpufeatures_unlevelled_containers_total{treatment="refused",why="NoPin",node="n1"}': '0x20 1x40',
    },
    well: { 'cpufeatures_unlevelled_containers_total{treatment="passed",why="none",node="n1"}': '0+1x60' },
    labels: { why: 'NoPin', node: 'n1' },
  },
  {
    alert: 'CpuFeaturesLookupFails',
    series: { 'cpufeatures_container_lookup_failures_total{node="n1"}': '0+1x60' },
    well: { 'cpufeatures_container_lookup_failures_total{node="n1"}': '3x60' },
    labels: { node: 'n1' },
  },
  {
    alert: 'CpuFeaturesRevisionRefused',
    series: { cpufeatures_fleet_refused_revisions: '1x60' },
    well: { cpufeatures_fleet_refused_revisions: '0x60' },
  },
  {
    alert: 'CpuFeaturesProfileNotSchedulable',
    series: { 'cpufeatures_fleet_profiles{schedulable="False"}': '1x60' },
    well: { 'cpufeatures_fleet_profiles{schedulable="True"}': '7x60' },
  },
  {
    alert: 'CpuFeaturesVmsStranded',
    series: { cpufeatures_fleet_stranded_vms: '3x60' },
    well: { cpufeatures_fleet_stranded_vms: '0x60' },
  },
  {
    alert: 'CpuFeaturesBreakGlass',
    series: { cpufeatures_break_glass: '1x60' },
    well: { cpufeatures_break_glass: '0x60' },
  },
]

/** When to ask: after the longest `for`, and within the window of what happened once. */
const AT = '32m'

const ruleTest = ({ alert, labels = {} }: Case, series: Case['series'], fires: boolean) => ({
  interval: '1m',
  input_series: Object.entries(series).map(([name, values]) => ({ series: name, values })),
  alert_rule_test: [
    {
      ...{ eval_time: AT, alertname: alert },
      exp_alerts: fires ? [{ exp_labels: { ...labels, severity: severityOf(alert) } }] : [],
    },
  ],
})

const severityOf = (name: string): string => ALERTS.find(({ alert }) => alert === name)?.labels.severity ?? ''

describe('an alert of deploy/monitoring', () => {
  let program: string
  let folder: string
  before(async () => {
    program = await promtool()
    folder = runFolder('alerts')
    mkdirSync(folder, { recursive: true })
    writeFileSync(join(folder, 'rules.yaml'), stringify(withoutSummaries()))
    await runCommand([program, 'check', 'rules', 'rules.yaml'], { cwd: folder })
  })

  /** promtool compares annotations too, and their wording is not what is tested. */
  const withoutSummaries = () => ({
    groups: RULE_FILE.groups.map((group) => ({
      ...group,
      rules: group.rules.map((one) => ({ ...one, annotations: undefined })),
    })),
  })

  const passes = async (name: string, test: object): Promise<void> => {
    const file = `${name}.yaml`
    writeFileSync(
      join(folder, file),
      stringify({ rule_files: ['rules.yaml'], evaluation_interval: '1m', tests: [test] }),
    )
    await runCommand([program, 'test', 'rules', file], { cwd: folder })
  }

  it('has a case each', () => {
    assert.deepEqual(CASES.map(({ alert }) => alert).sort(), ALERTS.map(({ alert }) => alert).sort())
  })

  for (const one of CASES) {
    it(`${one.alert} fires`, () => passes(`${one.alert}-fires`, ruleTest(one, one.series, true)))
    it(`${one.alert} is silent where all is well`, () =>
      passes(`${one.alert}-silent`, ruleTest(one, one.well, false)))
  }

  it('CpuFeaturesNoLeader fires where no controller is there at all', () => {
    const leader = CASES[0] ?? assert.fail()
    return passes('no-controller', ruleTest(leader, { 'up{job="other"}': '1x60' }, true))
  })
})
