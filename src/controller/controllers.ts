import type { Reconciler, ReconcilerContext } from './reconciler.ts'
import { MachineEventsReconciler } from './reconcilers/machine-events/machine-events-reconciler.ts'
import { NodeLabelsReconciler } from './reconcilers/node-labels/node-labels-reconciler.ts'
import { PodReconciler } from './reconcilers/pod/pod-reconciler.ts'
import { ProfileReconciler } from './reconcilers/profile/profile-reconciler.ts'
import { RevisionReconciler } from './reconcilers/revision/revision-reconciler.ts'

/** Everything that the leader runs. */
export const controllers = (context: ReconcilerContext): readonly Reconciler[] => [
  new ProfileReconciler(context),
  new NodeLabelsReconciler(context),
  new PodReconciler(context),
  new RevisionReconciler(context),
  new MachineEventsReconciler(context),
]
