import { Component, type ReactNode } from "react";
import { PaneCrashed } from "./pane-crashed.tsx";

interface State {
  readonly error: Error | null;
}

/** The last net: below it everything but the stop control may fail, and the stop control stays. */
export class CrashGuard extends Component<{ readonly children: ReactNode }, State> {
  override state: State = { error: null };

  static getDerivedStateFromError(error: unknown): State {
    return { error: error instanceof Error ? error : new Error(String(error)) };
  }

  override render(): ReactNode {
    const { error } = this.state;
    if (error === null) return this.props.children;
    return <PaneCrashed error={error} reset={() => this.setState({ error: null })} />;
  }
}
