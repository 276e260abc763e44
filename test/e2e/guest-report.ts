/** What a guest of the lab printed about itself: test/fixtures/guest. */
export type GuestReport = {
  /** The flags of /proc/cpuinfo, sorted. */
  features: string[]
  /** Registers the guest could read, by Arm's name. */
  registers: Map<string, bigint>
}

const BEGIN = 'GUEST-BEGIN'
const END = 'GUEST-END'

/**
 * Finds the report in a serial console's output.
 * @throws Error with the tail of the output if there is no report, because the guest did not get that far.
 */
export const parseGuestReport = (consoleText: string): GuestReport => {
  const text = consoleText.replaceAll('\r', '')
  const begin = text.indexOf(BEGIN)
  const end = text.indexOf(END, begin)
  if (begin < 0 || end < 0) throw new Error(`no guest report in:\n${text.split('\n').slice(-25).join('\n')}`)
  const lines = text.slice(begin + BEGIN.length, end).split('\n')
  const registers = new Map<string, bigint>()
  let features: string[] = []
  for (const line of lines) {
    const register = /^REG (\w+_EL[01]) (0x[0-9a-f]+)$/.exec(line.trim())
    if (register?.[1] !== undefined && register[2] !== undefined)
      registers.set(register[1], BigInt(register[2]))
    const flags = /^Features\s*:\s*(.*)$/.exec(line.trim())
    if (flags?.[1] !== undefined) features = flags[1].trim().split(/\s+/).sort()
  }
  return { features, registers }
}
