import type { HostAccess } from '../../harness/host-access.ts'

/** What of a host's own a tree for `chroot` has bound into it. */
const BOUND = [
  ...['proc', 'sys', 'dev', 'opt', 'tmp', 'run', 'dev/shm', 'sys/fs/cgroup', 'sys/kernel/debug'],
  ...['usr/bin/node', 'usr/local/bin/cpufeatures'],
]

const DOMAIN = `
<domain type='kvm'>
  <name>guest</name><memory unit='MiB'>128</memory><vcpu>2</vcpu>
  <os>
    <type arch='aarch64' machine='virt'>hvm</type>
    <kernel>/opt/guest/vmlinuz</kernel><initrd>/opt/guest/initrd.gz</initrd><cmdline>console=ttyAMA0 quiet</cmdline>
  </os>
  <features><gic version='3'/></features>
  <cpu mode='host-passthrough'/>
  <devices>
    <emulator>/usr/local/bin/levelled-qemu</emulator>
    <serial type='file'><source path='/tmp/libvirt-guest.log'/><target port='0'/></serial>
    <memballoon model='none'/>
  </devices>
</domain>`

/** The emulator that libvirt is given: QEMU in a launch. Quiet, because libvirt reads the stderr of a QEMU that it probes to its end. */
const emulator = (plan: string): string => `#!/bin/sh
exec cpufeatures run -q --plan ${plan} --record /tmp/libvirt-$$.record -- /usr/bin/qemu-system-aarch64 "$@"
`

const script = (tree: string, plan: string): string => `
set -e
for path in ${BOUND.join(' ')}; do mount --bind /$path ${tree}/$path; done
mount --bind /run ${tree}/var/run
cat > ${tree}/usr/local/bin/levelled-qemu <<'END'
${emulator(plan)}END
chmod +x ${tree}/usr/local/bin/levelled-qemu
cat > /tmp/domain.xml <<'END'
${DOMAIN}
END
chroot ${tree} /usr/sbin/libvirtd > /tmp/libvirtd.log 2>&1 &
virsh() { chroot ${tree} /usr/bin/virsh -q -c qemu:///system "$@"; }
until virsh list; do sleep 0.5; done 2> /dev/null
virsh define /tmp/domain.xml
virsh start guest
until grep -q GUEST-END /tmp/libvirt-guest.log; do sleep 0.2; done
cat /tmp/libvirt-guest.log
until grep -l -e '"verified"' -e '"different"' /tmp/libvirt-*.record > /tmp/found; do sleep 0.2; done
# The console may end in the middle of a line: the guest is printing still.
echo; echo RECORD
cat $(head -n 1 /tmp/found)
virsh destroy guest || true
kill %1 || true`

/**
 * Has libvirt define and run a guest whose emulator is QEMU in a launch, in the tree of `emulatorsImage`, mounted writable: what
 * the guest printed, and the record of the launch that was looked at after it had run. Libvirt probes QEMU first, by the same launcher.
 */
export const launchByLibvirt = async (
  host: HostAccess,
  tree: string,
  plan: string,
): Promise<{ readonly printed: string; readonly record: string; readonly stderr: string }> => {
  const { stdout, stderr } = await host.run(['sh', '-c', script(tree, plan)])
  const [printed = '', record = ''] = stdout.split(/^RECORD\n/m)
  return { printed, record, stderr }
}
