import { type HeldEct, initialState, type State, type TaskState, type WorkflowState } from "../state.ts";
import { copyOf } from "./copy.ts";
import { ForkedMap } from "./forked-map.ts";
import { type MapHistory, mapHistory, PIECE, valueHistory } from "./history.ts";

/** What one member of a state was at each rung. */
interface MemberHistory {
  /** Takes it down, piece by piece, and gives what to go on with in its place. */
  take(rung: number, value: unknown): Generator<void, unknown>;
  /** What it was, piece by piece; the caller's own. */
  open(rung: number): Generator<void, unknown>;
}

/** What a state was at each rung of a ladder. */
export interface StateHistory {
  /** Takes down the state, piece by piece, and gives the one to go on with. */
  take(rung: number, state: State): Generator<void, State>;
  /** The state at a rung, piece by piece; it is the caller's to fold on with, and then to settle. */
  open(rung: number): Generator<void, State>;
}

export function stateHistory(): StateHistory {
  const members = membersOf((name, value) => {
    if (name === "workflows") return workflowsMember();
    if (name === "seen") return NO_SCOPES;
    return isArea(value) ? membersOf((_name, part) => memberFor(part)) : memberFor(value);
  });
  return {
    take: function* (rung, state) {
      return (yield* members.take(rung, state)) as State; // member by member what it was given
    },
    open: function* (rung) {
      return (yield* members.open(rung)) as State; // and what it has taken
    },
  };
}

/** Makes a state that was opened one like any other: nothing is copied any more when it is read. */
export function settle(state: State): State {
  for (const value of Object.values(state)) {
    if (value instanceof ForkedMap) value.settle();
    else if (isArea(value)) for (const part of Object.values(value)) if (part instanceof ForkedMap) part.settle();
  }
  for (const { tasks, ects } of state.workflows.values())
    for (const map of [tasks, ects]) if (map instanceof ForkedMap) map.settle();
  return state;
}

type Members = Readonly<Record<string, unknown>>;

/** A part of the state with members of its own. */
const isArea = (value: unknown): value is Members =>
  typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype;

function membersOf(make: (name: string, value: unknown) => MemberHistory): MemberHistory {
  const histories = new Map<string, MemberHistory>();
  return {
    take: function* (rung, value) {
      const taken: Record<string, unknown> = {};
      for (const [name, member] of Object.entries(value as Members))
        taken[name] = yield* ensured(histories, name, () => make(name, member)).take(rung, member);
      return taken;
    },
    open: function* (rung) {
      const opened: Record<string, unknown> = {};
      for (const [name, history] of histories) opened[name] = yield* history.open(rung);
      return opened;
    },
  };
}

function memberFor(value: unknown): MemberHistory {
  return value instanceof Map ? mapMember(mapHistory<unknown>(copyOf), copyOf) : valueMember();
}

function mapMember(history: MapHistory<unknown>, copy: (value: unknown) => unknown): MemberHistory {
  return {
    take: (rung, value) => history.take(rung, value as Map<string, unknown>), // it was a Map when it was first seen, by its type
    open: (rung) => filled(history.at(rung), copy),
  };
}

function valueMember(): MemberHistory {
  const history = valueHistory();
  return {
    // biome-ignore lint/correctness/useYield: there are no pieces of it
    take: function* (rung, value) {
      history.take(rung, copyOf(value));
      return value;
    },
    // biome-ignore lint/correctness/useYield: there are no pieces of it
    open: function* (rung) {
      return copyOf(history.at(rung));
    },
  };
}

/** Replay scopes: only decisions need them. */
const NO_SCOPES: MemberHistory = {
  // biome-ignore lint/correctness/useYield: nothing is kept
  take: function* () {
    return initialState().seen;
  },
  // biome-ignore lint/correctness/useYield: nothing is kept
  open: function* () {
    return initialState().seen;
  },
};

/** The tasks and ECTs of a workflow are kept one by one: they are the most of a state. */
function workflowsMember(): MemberHistory {
  const workflows = mapHistory(copyOfWorkflow, withoutMaps);
  const tasks = new Map<string, MapHistory<TaskState>>();
  const ects = new Map<string, MapHistory<HeldEct>>();
  return {
    take: function* (rung, value) {
      const found = value as State["workflows"]; // the member of that name
      const touched = found instanceof ForkedMap ? found.changes().touched : found.keys();
      for (const wid of touched) {
        const workflow = found.get(wid);
        if (workflow === undefined) continue;
        workflow.tasks = yield* ensured(tasks, wid, () => mapHistory<TaskState>(copyOf)).take(rung, workflow.tasks);
        workflow.ects = yield* ensured(ects, wid, () => mapHistory<HeldEct>(asItIs)).take(rung, workflow.ects);
      }
      return yield* workflows.take(rung, found);
    },
    open: function* (rung) {
      const opened = new ForkedMap(copyOfWorkflow);
      for (const [wid, workflow] of workflows.at(rung)) {
        opened.share(wid, {
          ...workflow,
          tasks: yield* filled(tasks.get(wid)?.at(rung) ?? [], copyOf),
          ects: yield* filled(ects.get(wid)?.at(rung) ?? [], asItIs),
        });
      }
      return opened;
    },
  };
}

function* filled<V>(entries: Iterable<[string, V]>, copy: (value: V) => V): Generator<void, ForkedMap<V>> {
  const map = new ForkedMap(copy);
  for (const [key, value] of entries) {
    map.share(key, value);
    if (map.size % PIECE === 0) yield;
  }
  return map;
}

const asItIs = <V>(value: V): V => value;
const NO_TASKS: WorkflowState["tasks"] = new Map();
const NO_ECTS: WorkflowState["ects"] = new Map();

const withoutMaps = (workflow: WorkflowState): WorkflowState => ({ ...workflow, tasks: NO_TASKS, ects: NO_ECTS });

/** Its Maps go on: what is in them is copied by themselves. */
const copyOfWorkflow = (workflow: WorkflowState): WorkflowState => ({
  ...copyOf(withoutMaps(workflow)),
  tasks: workflow.tasks,
  ects: workflow.ects,
});

function ensured<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = make();
  map.set(key, made);
  return made;
}
