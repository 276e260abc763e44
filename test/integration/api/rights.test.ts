import { before, describe, it } from 'node:test'
import { assertGolden } from '../../golden/golden-file.ts'
import { installedApi, NAMESPACE, type InstalledApi } from './installed-api.ts'

/** What every service account may do by default: to ask about itself, and to read what the API server serves. */
const OF_EVERYBODY = /selfsubject|^ +\[\/|clustertrustbundles|^Resources|certificates/

describe('the rights of our service accounts', () => {
  let api: InstalledApi
  before(async () => {
    api = await installedApi()
  })

  it('are those in the golden file, in our namespace and elsewhere', async () => {
    const entries = []
    for (const name of ['cpufeatures-controller', 'cpufeatures-node-agent', 'cpufeatures-holder'])
      for (const namespace of [NAMESPACE, 'default']) {
        const kubeconfig = await api.controlPlane.kubeconfigFor({
          serviceAccount: { namespace: NAMESPACE, name },
        })
        const list = ['--kubeconfig', kubeconfig, 'auth', 'can-i', '--list', '-n', namespace]
        const lines = (await api.controlPlane.kubectl(list)).split('\n')
        entries.push({
          title: `${name} in ${namespace}`,
          text: lines
            .filter((line) => line.trim() !== '' && !OF_EVERYBODY.test(line))
            .map((line) => line.trimEnd().replaceAll(/ {2,}/g, '  '))
            .sort()
            .join('\n'),
        })
      }
    assertGolden('rights.txt', entries)
  })
})
