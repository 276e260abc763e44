import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { UninstallReport } from '../uninstall/uninstall-report.ts'
import { uninstallTable } from './uninstall-table.ts'

const POD = {
  ...{ namespace: 'team', name: 'vm', node: 'n1', profile: 'fleet', revisions: ['fleet-1'] },
  why: ['container vmm has the seccomp profile cpufeatures/unset.json', 'it is pinned to revision fleet-1'],
}

const REPORT: UninstallReport = {
  ...{ outcome: 'removed', dryRun: false, namespaces: ['vm-cpus'], pods: [] },
  breakGlass: false,
  ...{ removed: ['DaemonSet vm-cpus/cpufeatures-holder'], stays: [] },
}

const textOf = (change: Partial<UninstallReport>, wide = false): string =>
  uninstallTable({ ...REPORT, ...change }, wide).join('\n')

describe('the report of an uninstallation', () => {
  it('lists the pods that prevent it, with node, profile and reason, and says what to do', () => {
    const text = textOf({ outcome: 'refused', pods: [POD] })
    assert.match(text, /^1 pod needs cpufeatures, so nothing was deleted\.\nRemove the label /)
    assert.match(text, /--force/)
    assert.match(text, /^team\/vm +n1 +fleet +container vmm has the seccomp profile/m)
    assert.match(textOf({ outcome: 'refused', pods: [POD, POD] }), /^2 pods need /)
  })

  it('says in a dry run what would be, and lists what would go', () => {
    const text = textOf({ dryRun: true })
    assert.match(text, /^Everything of cpufeatures would be removed \(namespace vm-cpus\)\./)
    assert.match(text, /\nThese would be removed:\n {2}- DaemonSet vm-cpus\/cpufeatures-holder$/)
  })

  it('lists what was removed only if asked to, and always what stays', () => {
    assert.doesNotMatch(textOf({}), /DaemonSet/)
    assert.match(textOf({}, true), /These were removed:\n {2}- DaemonSet/)
    assert.match(textOf({ stays: ['Namespace x: it has pods of others'] }), /These stay:\n {2}- Namespace x/)
  })

  it('says why it stopped, and that it continues', () => {
    assert.match(
      textOf({ outcome: 'stopped', why: 'after 5 s there is still Role a/b' }),
      /^Stopped: after 5 s there is still Role a\/b\.\nRun this command again to continue\.$/,
    )
  })

  it('says that break-glass is still on, and how to turn it off', () => {
    for (const outcome of ['stopped', 'refused', 'holder-stays'] as const) {
      assert.doesNotMatch(textOf({ outcome }), /[Bb]reak-glass/)
      const text = textOf({ outcome, breakGlass: true }).replaceAll(/\s+/g, ' ')
      assert.match(text, /Break-glass is still on/)
      assert.match(
        text,
        /kubectl annotate configmap cpufeatures-settings -n vm-cpus cpufeatures\.dev\/break-glass-/,
      )
    }
  })

  it('names pods that came on the way', () => {
    const text = textOf({ pods: [POD] })
    assert.match(text, /\n1 pod needs it all the same\. Nothing serves such a pod any more: delete it\.\n/)
    assert.match(text, /^team\/vm /m)
  })

  it('says what a forced one leaves behind', () => {
    const text = textOf({
      outcome: 'holder-stays',
      breakGlass: true,
      pods: [POD],
      stays: ['DaemonSet a/cpufeatures-holder'],
    })
    for (const said of [
      /so it stays/,
      /waits forever/,
      /Break-glass is still on/,
      /- DaemonSet a\/cpufeatures-holder/,
    ])
      assert.match(text, said)
  })
})
