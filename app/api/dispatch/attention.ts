import { answeredOf } from "../../engine/attention/answered.ts";
import { type ClassFigures, judgeSteps, type PersonFigures } from "../../engine/attention/judged.ts";
import { chatterOf, lastHourOf, loadSteps, mixOf } from "../../engine/attention/load.ts";
import { standingItems } from "../../engine/attention/standing.ts";
import { holdsRole } from "../../engine/identity/roles.ts";
import type { Host } from "../../host/open-host.ts";
import { MAX_TOLD } from "../contract/attention.ts";
import { asOf } from "./as-of.ts";
import { attentionOf, measured, viewsOf } from "./attention-book.ts";
import { api, positionOf } from "./base.ts";

/** Whose business other people's figures are. */
const MAY_SEE_ALL = ["duty_manager", "safety_officer", "auditor"] as const;
const MONTH_S = 2_592_000;

const nowS = (host: Host): number => Math.floor(host.ports.clock.nowMs() / 1000);

/** The span, with the second that is now. */
const spanOf = (host: Host, hours: number) => ({ from: nowS(host) + 1 - hours * 3600, to: nowS(host) + 1 });

export const attentionOperations = {
  overview: api.attention.overview.use(asOf).handler(async ({ context: { host }, input }) => {
    const span = spanOf(host, input.hours);
    const attention = await attentionOf(host, nowS(host));
    const views = await viewsOf(host, attention, span.from);
    const load = await measured(host, loadSteps(attention, span.from, span.to));
    const { all, shift, classes } = await measured(host, judgeSteps(attention, views, span));
    const month = attention.demands.filter(({ at }) => at >= span.to - MONTH_S);
    const chatter = chatterOf(attention.demands.filter(({ at }) => at >= span.from));
    const { standing, answered } = await host.engine.read((state) => ({
      standing: standingItems(state, nowS(host)),
      answered: answeredOf(state, span.from, span.to),
    }));
    const { items, stale, shelf, deferred, waiting, oldestS, nextDeadlineS } = standing;
    return {
      position: await positionOf(host),
      ...{ from: load.from, to: load.to, demands: load.demands, floodS: load.floodS },
      ...{ lastHour: load.lastHour, lastTenMinutes: load.lastTenMinutes, hours: [...load.hours] },
      floods: load.floods.slice(-MAX_TOLD),
      floodCount: load.floods.length,
      priorities: [...mixOf(month).priorities],
      chatter: chatter.slice(0, MAX_TOLD),
      chatterCount: chatter.length,
      standing: items.length,
      staleCount: stale.length,
      stale: stale.slice(0, MAX_TOLD),
      shelf: [...shelf],
      ...{ deferred, waiting, oldestS, nextDeadlineS, answered, all },
      shift: [...shift],
      classes: classes.slice(0, MAX_TOLD).map((one: ClassFigures) => ({ ...one, ruleIds: [...one.ruleIds] })),
      classCount: classes.length,
    };
  }),

  now: api.attention.now.use(asOf).handler(async ({ context: { host } }) => {
    const attention = await attentionOf(host, nowS(host));
    const { lastHour, most } = lastHourOf(attention, nowS(host));
    return {
      position: await positionOf(host),
      lastHour,
      most: most === null ? null : { demand: most.newest, count: most.count },
    };
  }),

  people: api.attention.people
    // Who may look is asked of now, also where the figures are of the past.
    .use(({ context, next }) => next({ context: { live: context.host } }))
    .use(asOf)
    .handler(async ({ context: { host, live }, input }) => {
      const span = spanOf(host, input.hours);
      const attention = await attentionOf(host, nowS(host));
      const views = await viewsOf(host, attention, span.from);
      const { people } = await measured(host, judgeSteps(attention, views, span));
      const isAll = await live.engine.read((state) =>
        MAY_SEE_ALL.some((role) => holdsRole(state, input.reader, role, nowS(live))),
      );
      const told = people.filter(({ who }) => isAll || who === input.reader);
      return {
        position: await positionOf(host),
        isAll,
        people: told.slice(0, MAX_TOLD).map((one: PersonFigures) => ({ ...one, shift: [...one.shift] })),
        peopleCount: told.length,
      };
    }),
};
