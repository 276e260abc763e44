/** A VirtualMachine of two vCPUs with the CPU of its host, KubeVirt's default on arm64. Its disk is never pulled: no kubelet is here. */
export const virtualMachine = (name: string, labels: Record<string, string>, spec: object = {}): object => ({
  apiVersion: 'kubevirt.io/v1',
  kind: 'VirtualMachine',
  metadata: { name },
  spec: {
    runStrategy: 'Always',
    template: {
      metadata: { labels },
      spec: {
        architecture: 'arm64',
        evictionStrategy: 'LiveMigrate',
        domain: {
          cpu: { model: 'host-passthrough', cores: 2 },
          memory: { guest: '256Mi' },
          devices: {
            disks: [{ name: 'system', disk: { bus: 'virtio' } }],
            interfaces: [{ name: 'default', masquerade: {} }],
          },
        },
        networks: [{ name: 'default', pod: {} }],
        volumes: [{ name: 'system', containerDisk: { image: 'localhost/disk:1' } }],
        ...spec,
      },
    },
  },
})
