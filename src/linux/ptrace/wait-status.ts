/** What a traced thread's wait status says. */
export type StopEvent =
  /** It ended, by exit code or signal. */
  | { readonly kind: 'ended' }
  /** At the entry to or exit from a system call (PTRACE_O_TRACESYSGOOD). */
  | { readonly kind: 'syscall-stop' }
  /** By PTRACE_INTERRUPT, or with its process by job control (PTRACE_EVENT_STOP). */
  | { readonly kind: 'interrupt-stop' }
  /** A signal is about to be delivered; it is delivered only if it is passed on. */
  | { readonly kind: 'signal-stop'; readonly signal: number }

const PTRACE_EVENT_STOP = 128
const SYSGOOD = 0x80

/** Reads a wait status: ptrace(2), "Stopped states"; waitpid(2) for the layout. */
export const stopEvent = (status: number): StopEvent => {
  if ((status & 0xff) !== 0x7f) return { kind: 'ended' }
  const signal = (status >> 8) & 0xff
  if (status >> 16 === PTRACE_EVENT_STOP) return { kind: 'interrupt-stop' }
  return (signal & SYSGOOD) === 0 ? { kind: 'signal-stop', signal } : { kind: 'syscall-stop' }
}
