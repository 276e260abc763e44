import { fromHex64, toHex64 } from '../api/hex64.ts'
import type { HostDocument } from '../api/host-document.ts'
import type { Untrapped } from '../api/plan.ts'
import { coversField, getField } from '../arm64/field.ts'
import { fieldRef, type FieldRef } from '../arm64/field-ref.ts'
import { levelled } from './level.ts'
import type { ResolvedPlan } from './read-plan.ts'
import { rememberedOfBoth } from './remembered.ts'

/** One thing that guests read without a trap to KVM: a key of {@link Untrapped}. */
export type UntrappedFact = keyof Untrapped

const tagLineRef = (): FieldRef => {
  const ref = fieldRef({ register: 'CTR_EL0', field: 'TminLine' })
  if (ref === undefined) throw new Error('the table of registers has no CTR_EL0.TminLine')
  return ref
}

/** CTR_EL0.TminLine: KVM's sanitised CTR_EL0 has none, so user space reads 0 there, while a guest may read the hardware's. */
export const TAG_LINE: FieldRef = tagLineRef()

/** Whether this names CTR_EL0.TminLine: no stream carries it and no plan can leave it out, because KVM's CTR_EL0 has none. */
export const isTagLine = ({
  register,
  field,
}: {
  readonly register: string
  readonly field: string
}): boolean => register === TAG_LINE.register && field === TAG_LINE.field.name

/**
 * The raw CTR_EL0.TminLine that guests of a host read in a VM whose CTR_EL0 is `ctr`; undefined if the host document does not
 * tell. KVM lets the read go to the hardware only while the VM has the host's own value. Given another value it traps the read
 * and answers with that (kvm_calculate_traps, arch/arm64/kvm/sys_regs.c, Linux 6.12), so hosts levelled that way do not differ.
 */
export const shownTagLine = (host: HostDocument, ctr: bigint | undefined): number | undefined => {
  const own = host.guestView['CTR_EL0']
  const isTrapped = ctr !== undefined && own !== undefined && fromHex64(own) !== ctr
  if (isTrapped) return getField(ctr, TAG_LINE.field)
  return host.ctr === undefined ? undefined : getField(fromHex64(host.ctr), TAG_LINE.field)
}

const plannedTagLine = ({ byName }: ResolvedPlan, host: HostDocument): number | undefined => {
  const own = host.guestView['CTR_EL0']
  if (own === undefined) return undefined
  const planned = byName.get('CTR_EL0')
  const shown = new Map([['CTR_EL0', fromHex64(own)]])
  return shownTagLine(host, (planned ? levelled([planned], shown) : shown).get('CTR_EL0'))
}

/** What guests of a host read untrapped, whatever the plan. */
export const untrappedOfHost = ({ counterFrequency, dczid }: Untrapped): Untrapped => ({
  ...(counterFrequency !== undefined && { counterFrequency }),
  ...(dczid !== undefined && { dczid }),
})

/** The same with a tag line, if one is known. */
export const withTagLine = (untrapped: Untrapped, tminLine: number | undefined): Untrapped => ({
  ...untrappedOfHost(untrapped),
  ...(tminLine !== undefined && { tminLine }),
})

/** What guests of the plan read untrapped on a host, as far as its document tells. */
export const untrappedUnder = rememberedOfBoth((plan: ResolvedPlan, host: HostDocument): Untrapped =>
  withTagLine(host, plannedTagLine(plan, host)),
)

/** Whether guests of the plan may read another CTR_EL0.TminLine on this host than the plan specifies. */
export const readsAnotherTagLine = (plan: ResolvedPlan, host: HostDocument): boolean => {
  const { mask, value } = plan.byName.get(TAG_LINE.register) ?? { mask: 0n, value: 0n }
  const shown = plannedTagLine(plan, host)
  // A plan that specifies it as untrapped fits no host where it differs.
  if (shown === undefined || plan.untrapped.tminLine !== undefined) return false
  return coversField(mask, TAG_LINE.field) && shown !== getField(value, TAG_LINE.field)
}

type Place = { readonly register: string; readonly field?: string }

const PLACES: Readonly<Record<UntrappedFact, Place>> = {
  counterFrequency: { register: 'CNTFRQ_EL0' },
  dczid: { register: 'DCZID_EL0' },
  tminLine: { register: TAG_LINE.register, field: TAG_LINE.field.name },
}

const UNTRAPPED_FACTS = Object.keys(PLACES) as readonly UntrappedFact[]

/** What guests read, for people, by fact; undefined where it is not known. Equal texts are equal values. */
export const untrappedTexts = ({
  counterFrequency,
  dczid,
  tminLine,
}: Untrapped): Readonly<Record<UntrappedFact, string | undefined>> => ({
  counterFrequency: counterFrequency === undefined ? undefined : `${counterFrequency} Hz`,
  dczid: dczid === undefined ? undefined : toHex64(fromHex64(dczid)),
  tminLine: tminLine === undefined ? undefined : `0x${tminLine.toString(16)}`,
})

/** How two hosts, or a plan and a host, compare in one fact. A text is undefined where the value is not known. */
export type ComparedUntrapped = {
  readonly fact: UntrappedFact
  readonly place: Place
  readonly is: 'equal' | 'different' | 'unknown'
  readonly a: string | undefined
  readonly b: string | undefined
}

const compared = (a: string | undefined, b: string | undefined): ComparedUntrapped['is'] => {
  if (a === undefined || b === undefined) return 'unknown'
  return a === b ? 'equal' : 'different'
}

/** Compares every fact, in the order of {@link Untrapped}. */
export const compareUntrapped = (ofA: Untrapped, ofB: Untrapped): readonly ComparedUntrapped[] => {
  const [textsOfA, textsOfB] = [untrappedTexts(ofA), untrappedTexts(ofB)]
  return UNTRAPPED_FACTS.map((fact) => {
    const [a, b] = [textsOfA[fact], textsOfB[fact]]
    return { fact, place: PLACES[fact], is: compared(a, b), a, b }
  })
}
