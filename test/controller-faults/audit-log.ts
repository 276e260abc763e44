import * as z from 'zod'

/** One request in the audit log of the API server. */
export type AuditedRequest = {
  /** As the client sent it in `Audit-ID`, or one that the API server made. */
  readonly id: string
  readonly user: string
  readonly verb: string
  readonly uri: string
}

const auditLine = z.object({
  auditID: z.string(),
  verb: z.string(),
  requestURI: z.string(),
  user: z.object({ username: z.string() }),
})

/** The requests in lines of an audit log. A line that is not complete yet is left out. */
export const auditedRequests = (log: string): AuditedRequest[] =>
  log
    .slice(0, log.lastIndexOf('\n') + 1)
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => auditLine.parse(JSON.parse(line)))
    .map(({ auditID, verb, requestURI, user }) => ({
      id: auditID,
      verb,
      uri: requestURI,
      user: user.username,
    }))

/** What the proxy knows of the requests that it has let through: their forms by audit id. */
export type Forwarded = ReadonlyMap<string, string>

/** The forms of a user's requests, as often as the API server got them. One that the proxy has not seen is told by its URI. */
export const auditedForms = (
  audited: readonly AuditedRequest[],
  { user, forwarded }: { readonly user: string; readonly forwarded: Forwarded },
): string[] => {
  const own = audited.filter((one) => one.user === user)
  // A watch is told twice: when it begins and when it ends.
  return [...new Map(own.map((one) => [one.id, one])).values()].map(
    ({ id, verb, uri }) => forwarded.get(id) ?? `past the proxy: ${verb} ${uri}`,
  )
}

/** The audited requests that are not on the list, each once. */
export const unlistedRequests = (forms: readonly string[], listed: ReadonlySet<string>): string[] =>
  [...new Set(forms)].filter((form) => !listed.has(form)).sort()
