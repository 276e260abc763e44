import * as z from 'zod'

/** 64 bits, as parseLossless gives them. */
const uint64 = z.union([z.number().int().nonnegative(), z.bigint()])

const argument = z.looseObject({
  index: z.number(),
  value: uint64,
  valueTwo: uint64.optional(),
  op: z.string(),
})

const capabilitiesOrArchitectures = z.looseObject({}).nullish()

const rule = z.looseObject({
  names: z.array(z.string()),
  action: z.string(),
  errnoRet: z.number().optional(),
  args: z.array(argument).nullish(),
  // Not OCI: CRI-O reads these of a Localhost file, containerd does not.
  includes: capabilitiesOrArchitectures,
  excludes: capabilitiesOrArchitectures,
})

/**
 * A seccomp filter as the OCI runtime specification has it (config-linux.md, "Seccomp"), as far as this code looks at it. What it does
 * not look at is kept.
 */
export const ociSeccomp = z.looseObject({
  defaultAction: z.string(),
  flags: z.array(z.string()).nullish(),
  listenerPath: z.string().optional(),
  syscalls: z.array(rule).nullish(),
})

export type OciSeccomp = z.infer<typeof ociSeccomp>
export type OciRule = z.infer<typeof rule>
export type OciArgument = z.infer<typeof argument>

export const ALLOW = 'SCMP_ACT_ALLOW'
export const ERRNO = 'SCMP_ACT_ERRNO'
export const NOTIFY = 'SCMP_ACT_NOTIFY'
