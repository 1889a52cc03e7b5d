import { visibleText } from "../ui/visible-text.ts";

interface ScriptWords {
  readonly name: string;
  /** What happens in it, in one sentence. */
  readonly about: string;
}

/** The scripts of this console in plain words; one of a newer host by its id. */
const SCRIPTS: Readonly<Record<string, ScriptWords>> = {
  "one-lies": {
    name: "An agent lies",
    about: "One agent acknowledges the stop and goes on asking for permissions.",
  },
  "one-hangs": {
    name: "An agent hangs",
    about: "One agent spins in its second task and reads no message any more.",
  },
  "children-evade": {
    name: "Children evade",
    about: "One agent obeys, and has its tasks asked for in the name of the agents beside it.",
  },
  flood: { name: "An agent floods", about: "One agent asks for hundreds of tasks at once." },
  partition: {
    name: "A partition",
    about: "After 4 s half of the agents lose every message, in both directions.",
  },
  crash: { name: "An agent crashes", about: "The worker of one agent ends in the middle of its second task." },
  "late-and-replayed": {
    name: "Late and replayed acknowledgements",
    about: "One agent acknowledges 1.5 s late; another one sends old messages again and again.",
  },
  "clock-drift": {
    name: "Clocks drift",
    about: "The clock of one agent is 10 minutes ahead, that of another one 10 minutes behind.",
  },
  "self-test": {
    name: "A self-test of agents",
    about: "Whether they block, fail closed, survive a restart and obey a stop.",
  },
  "mixed-fleet": {
    name: "A mixed fleet",
    about: "Many agents, every fifth of which misbehaves, each in another way.",
  },
};

export const scriptWords = (script: string): ScriptWords =>
  SCRIPTS[script] ?? { name: visibleText(script), about: "A script this page has no words for." };
