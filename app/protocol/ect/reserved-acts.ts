/**
 * Values of `exec_act` that are no work of an agent's [ours] (ect.md section h): the operator's start, the joins and
 * checkpoints an agent makes on its own, the compensations it is asked for, what this console states by tokens of its own,
 * and what may follow a refused task (ECT-43). An agent that names its task so would be read as something else, so it is
 * refused.
 */
const RESERVED =
  /^(?:run_start|join|checkpoint_create|compensate|hitl_request|hitl_decision|rollback_.*|override_.*|behavior_.*|trail_(?:hand_off|take_over|hand_back|take_back|undo.*))$/;

export function isReservedAct(execAct: string): boolean {
  return RESERVED.test(execAct);
}
