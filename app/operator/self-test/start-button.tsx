import { Button } from "../../ui/button.tsx";
import { useFrozen } from "../../ui/frozen.ts";
import { useOperator } from "../operator-context.tsx";

export interface StartButtonProps {
  readonly label: string;
  readonly isBusy: boolean;
  readonly isRunning: boolean;
  onStart(): void;
}

/** Starts a self-test, or asks who starts it; nothing is started from a picture of the past. */
export function StartButton({ label, isBusy, isRunning, onStart }: StartButtonProps) {
  const { status, knownName, enrol } = useOperator();
  const frozen = useFrozen();
  return status === "ready" ? (
    <Button isPending={isBusy} isDisabled={isBusy || isRunning || frozen !== null} onPress={onStart}>
      {isRunning ? "Being tested …" : label}
    </Button>
  ) : (
    <Button onPress={() => void enrol(knownName ?? "").catch(() => undefined)}>Sign in to test …</Button>
  );
}
