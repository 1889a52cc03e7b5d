import { problemOf } from "../../../api/client/problem.ts";
import { taskMark } from "../../../api/client/task-marks.ts";
import { WhyButton } from "../../../operator/why/why-button.tsx";
import { GoLink } from "../../../ui/go-link.tsx";
import { Mark } from "../../../ui/mark.tsx";
import { Loading, ProblemNote } from "../../../ui/states.tsx";
import { UntrustedText } from "../../../ui/untrusted-text.tsx";
import { calledBy, edgeKind } from "../graph/task-graph.ts";
import { LivenessSection } from "../liveness/liveness-section.tsx";
import { type TaskAnswer, useTask } from "../queries.ts";
import { OldNote } from "../states-feed.tsx";
import { stateName } from "../task-states.ts";
import type { WorkflowModel } from "../use-workflow.ts";
import { AnnotatedSection } from "./annotated-section.tsx";
import { EntryLinks } from "./entry-links.tsx";
import { NeighbourList } from "./neighbour-list.tsx";
import { RecordedDetail } from "./recorded-detail.tsx";
import { Section } from "./section.tsx";
import { TokenDetail } from "./token-detail.tsx";

export interface TaskDetailProps {
  readonly wid: string;
  readonly task: number;
  readonly model: WorkflowModel;
  onShow(task: number): void;
}

/** One task: why it is in its state, its neighbours, its token with every check, and what the recording says of it. */
export function TaskDetail({ wid, task, model, onShow }: TaskDetailProps) {
  const answer = useTask(wid, task);
  if (answer.data === undefined) {
    return answer.isError ? (
      <ProblemNote problem={problemOf(answer.error)} onRetry={() => void answer.refetch()} />
    ) : (
      <Loading what="the task" />
    );
  }
  const { data } = answer;
  return (
    <div className="flex flex-col gap-4">
      {answer.isError ? <OldNote readAtMs={answer.dataUpdatedAt} /> : null}
      <Why data={data} wid={wid} />
      <LivenessSection agent={model.view.tasks.run.agent[task] ?? -1} />
      <Around data={data} task={task} model={model} onShow={onShow} />
      <TokenDetail ect={data.ect} jti={data.jti} state={stateName(data.state)} />
      <AnnotatedSection task={task} model={model} onShow={onShow} />
      <RecordedDetail recorded={data.recorded} agent={data.agent} />
    </div>
  );
}

/** Tasks next to it; callers only where the recording has them. */
function Around({ data, task, model, onShow }: Omit<TaskDetailProps, "wid"> & { readonly data: TaskAnswer }) {
  const graph = model.view.tasks;
  const caller = graph.run.caller[task] ?? -1;
  const called = calledBy(graph, task);
  const shared = { model, onShow };
  return (
    <Section title="Before and after">
      {caller < 0 ? null : <NeighbourList title="Called by" tasks={[caller]} kindOf={() => "call"} {...shared} />}
      <NeighbourList
        title="Predecessors"
        tasks={data.predecessors}
        kindOf={(other) => edgeKind(graph, other, task)}
        {...shared}
      />
      <NeighbourList
        title="Successors"
        tasks={data.successors}
        kindOf={(other) => edgeKind(graph, task, other)}
        {...shared}
      />
      {called.length === 0 ? null : <NeighbourList title="Called" tasks={called} kindOf={() => "call"} {...shared} />}
    </Section>
  );
}

function Why({ data, wid }: { readonly data: TaskAnswer; readonly wid: string }) {
  const state = stateName(data.state);
  const last = data.entries.at(-1);
  return (
    <Section title="Why it is in this state">
      <p className="flex flex-wrap items-baseline gap-x-2">
        <Mark {...taskMark(state)} />
        <span>
          <UntrustedText text={data.why} />
        </span>
      </p>
      {data.request === null ? null : (
        <p>
          <GoLink to="/approvals" search={{ request: data.request, wid }}>
            {state === "waiting" ? "Decide on it in Approvals" : "Its request and decision"}
          </GoLink>
        </p>
      )}
      <EntryLinks entries={data.entries} />
      {last === undefined ? null : (
        <p>
          <WhyButton asked={{ seq: last.seq }} what="the state of this task" />
        </p>
      )}
    </Section>
  );
}
