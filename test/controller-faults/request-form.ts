/** A request as it arrives at the API server. */
export type ApiRequest = { readonly method: string; readonly url: string; readonly body: string }

/** The parts of a path of the API server (Kubernetes API concepts, "Resource URIs"). */
type Target = { readonly resource: string; readonly name: string; readonly subresource: string }

/** Groups of which the controller only reads whether each object of the installation is there. */
const INSTALLATION = /^\/apis\/(admissionregistration\.k8s\.io|apiextensions\.k8s\.io)\//

const GROUP_VERSION = /^\/(api\/v1|apis\/[^/]+\/[^/]+)\//

const targetOf = (path: string): Target | undefined => {
  if (!GROUP_VERSION.test(path)) return undefined
  const parts = path.replace(GROUP_VERSION, '').split('/').map(decodeURIComponent)
  const [resource = '', name = '', subresource = ''] =
    parts[0] === 'namespaces' && parts.length > 2 ? parts.slice(2) : parts
  return { resource, name, subresource }
}

/** The audit log's word for what a request does. */
const verbOf = ({ method, url }: ApiRequest, name: string): string => {
  if (method === 'GET' && /[?&]watch=(1|true)\b/.test(url)) return 'watch'
  if (method === 'GET') return name === '' ? 'list' : 'get'
  const verbs: Readonly<Record<string, string>> = {
    ...{ POST: 'create', PUT: 'update', PATCH: 'patch' },
    DELETE: name === '' ? 'deletecollection' : 'delete',
  }
  return verbs[method] ?? method
}

/** The name in the object that a request creates. An Event is named after the object that it is about. */
const createdName = (body: string, resource: string): string => {
  const { metadata } = JSON.parse(body) as { metadata: { name: string } }
  return resource === 'events' ? `about ${metadata.name.replace(/\.[^.]*$/, '')}` : metadata.name
}

/** Without what differs from run to run: the hash of a revision. */
const lasting = (text: string): string => text.replace(/-[0-9a-f]{10}\b/g, '-*')

const selectorOf = (url: string): string => {
  const query = new URL(url, 'http://server').searchParams
  const selectors = ['labelSelector', 'fieldSelector']
    .map((name) => query.get(name))
    .filter((one) => one !== null)
  return selectors.length === 0 ? '' : ` (${selectors.join('; ')})`
}

/**
 * The normal form of a request: the verb of the audit log, the resource with its subresource, the name and the selectors. Two requests
 * of one form ask for the same thing, in whatever run.
 */
export const requestForm = (request: ApiRequest): string => {
  const path = request.url.split('?')[0] ?? ''
  const target = targetOf(path)
  if (target === undefined || target.resource === '') return `${request.method.toLowerCase()} ${path}`
  const { resource, name, subresource } = target
  const verb = verbOf(request, name)
  const named = verb === 'create' && name === '' ? createdName(request.body, resource) : name
  const shown = INSTALLATION.test(path) ? '*' : lasting(named)
  const what = subresource === '' ? resource : `${resource}/${subresource}`
  return `${verb} ${what}${shown === '' ? '' : ` ${shown}`}${lasting(selectorOf(request.url))}`
}

/** Whether a request belongs to the election of a leader. The leader makes these every two seconds, whatever else it does. */
export const isElection = (form: string): boolean => /^\w+ leases /.test(form)

/** Requests in the order of their numbers among those of their form: `FORM`, then `FORM #2`. */
export const numbered = (forms: readonly string[]): string[] => {
  const counts = new Map<string, number>()
  return forms.map((form) => {
    const count = (counts.get(form) ?? 0) + 1
    counts.set(form, count)
    return count === 1 ? form : `${form} #${count}`
  })
}
