import type { LucideIcon } from "lucide-react";
import type { ReactNode, Ref } from "react";
import { Button as AriaButton, type ButtonProps as AriaButtonProps } from "react-aria-components/Button";
import { useFrozen } from "./frozen.ts";
import { KeyCap } from "./key-cap.tsx";
import { Hint, type HintPlacement } from "./tooltip.tsx";

export type ButtonVariant = "plain" | "primary" | "quiet" | "danger";

const BASE =
  "inline-flex items-center justify-center gap-1.5 rounded-md border font-medium whitespace-nowrap select-none disabled:opacity-50";
const VARIANTS: Record<ButtonVariant, string> = {
  plain: "border-strong bg-raised text-ink data-hovered:bg-sunken data-pressed:bg-line",
  primary: "border-accent bg-accent text-on-accent data-hovered:opacity-90 data-pressed:opacity-80",
  quiet: "border-transparent bg-transparent text-ink data-hovered:bg-sunken data-pressed:bg-line",
  danger: "border-critical bg-raised text-critical data-hovered:bg-critical-soft data-pressed:bg-critical-soft",
};
const SIZES = { sm: "h-6 px-2 text-xs", md: "h-8 px-3 text-sm" } as const;

export interface ButtonProps
  extends Pick<
    AriaButtonProps,
    | "onPress"
    | "isDisabled"
    | "type"
    | "autoFocus"
    | "aria-label"
    | "aria-describedby"
    | "aria-expanded"
    | "aria-pressed"
    | "aria-haspopup"
    | "aria-controls"
    | "slot"
    | "form"
    | "id"
  > {
  readonly variant?: ButtonVariant;
  readonly size?: "sm" | "md";
  /** The key that does the same, shown as a cap. The pane binds it. */
  readonly shortcut?: string;
  readonly isPending?: boolean;
  /**
   * Something is written by it, or by what it opens: in the past it is disabled, and says why. Unless told otherwise, a primary
   * or dangerous button is one.
   */
  readonly writes?: boolean;
  /** What is missing before it can be pressed: until then it is disabled, and says so. */
  readonly whyNot?: string | null;
  readonly className?: string;
  readonly ref?: Ref<HTMLButtonElement>;
  readonly children: ReactNode;
}

export function Button({
  variant = "plain",
  size = "md",
  shortcut,
  writes,
  whyNot = null,
  isDisabled = false,
  className = "",
  children,
  ...rest
}: ButtonProps) {
  const why = useWhyNot(writes ?? (variant === "primary" || variant === "danger"));
  return (
    <AriaButton
      {...rest}
      {...rendered(shortcut, why ?? whyNot)}
      isDisabled={isDisabled || why !== null || whyNot !== null}
      className={`${BASE} ${VARIANTS[variant]} ${SIZES[size]} ${className}`}
    >
      {children}
      {why === null ? null : <span className="sr-only">: {why}</span>}
      {shortcut === undefined ? null : (
        <span aria-hidden="true" className="hidden md:inline-flex">
          <KeyCap>{shortcut}</KeyCap>
        </span>
      )}
    </AriaButton>
  );
}

/** Why a control that writes something is disabled: what is shown is of a moment that is over. Null where it is not. */
export function useWhyNot(writes: boolean): string | null {
  const frozen = useFrozen();
  return writes ? (frozen?.why ?? null) : null;
}

/** React Aria passes neither `aria-keyshortcuts` nor `title` on, so the element is rendered here when there is one. */
function rendered(shortcut: string | undefined, why: string | null): Pick<AriaButtonProps, "render"> {
  if (shortcut === undefined && why === null) return {};
  return {
    render: (props) => (
      <button
        {...props}
        {...(shortcut === undefined ? {} : { "aria-keyshortcuts": shortcut })}
        {...(why === null ? {} : { title: why })}
      />
    ),
  };
}

export interface IconButtonProps extends Omit<ButtonProps, "children" | "shortcut" | "aria-label" | "whyNot"> {
  /** The name for everybody: tooltip and accessible name. */
  readonly label: string;
  readonly icon: LucideIcon;
  readonly shortcut?: string;
  readonly placement?: HintPlacement;
}

export function IconButton({
  label,
  icon: Icon,
  shortcut,
  placement = "bottom",
  variant = "quiet",
  size = "md",
  writes,
  isDisabled = false,
  className = "",
  ...rest
}: IconButtonProps) {
  const why = useWhyNot(writes ?? variant === "danger");
  const square = size === "md" ? "h-8 w-8" : "h-6 w-6";
  return (
    <Hint text={label} placement={placement} {...(shortcut === undefined ? {} : { shortcut })}>
      <AriaButton
        {...rest}
        aria-label={why === null ? label : `${label}: ${why}`}
        {...rendered(shortcut, why)}
        isDisabled={isDisabled || why !== null}
        className={`${BASE} ${VARIANTS[variant]} ${square} shrink-0 ${className}`}
      >
        <Icon aria-hidden="true" size={size === "md" ? 16 : 14} strokeWidth={1.75} />
      </AriaButton>
    </Hint>
  );
}
