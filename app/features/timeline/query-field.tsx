import { type Ref, useEffect, useLayoutEffect, useRef, useState } from "react";
import { Autocomplete } from "react-aria-components/Autocomplete";
import { Input } from "react-aria-components/Input";
import { ListBox, ListBoxItem } from "react-aria-components/ListBox";
import { TextField } from "react-aria-components/TextField";
import { type Completion, completionsAt, type ValuesOf } from "../../protocol/query/complete.ts";
import type { QueryProblem } from "../../protocol/query/expression.ts";
import { QUERY_MAX } from "../../protocol/query/parse.ts";
import { FIELD_CLASS } from "../../ui/field-classes.ts";
import { visibleText } from "../../ui/visible-text.ts";
import { ProblemMark } from "./query-problem.tsx";

export interface QueryFieldProps {
  readonly value: string;
  onChange(value: string): void;
  /** Enter: what stands there is meant. */
  onSubmit(): void;
  onFocus(): void;
  /** Whether there is a list to choose from. */
  onChoosing(isChoosing: boolean): void;
  readonly problem: QueryProblem | null;
  /** Id of the words about the problem. */
  readonly problemId: string;
  readonly valuesOf: ValuesOf;
  readonly inputRef: Ref<HTMLInputElement>;
}

/** The field for a query: what may come next is listed while one types; arrows choose, Enter or Tab takes it (XA-25). */
export function QueryField(props: QueryFieldProps) {
  const { value, onChange, onSubmit, onFocus, onChoosing, problem, problemId, valuesOf, inputRef } = props;
  const input = useRef<HTMLInputElement>(null);
  const [isOpen, setOpen] = useState(false);
  const [cursor, setCursor] = useState(value.length);
  const caret = useRef<number | null>(null);
  const found = isOpen ? completionsAt(value, Math.min(cursor, value.length), valuesOf) : [];
  const shown = found.length > 0;

  useLayoutEffect(() => {
    if (caret.current === null) return;
    input.current?.setSelectionRange(caret.current, caret.current);
    caret.current = null;
  });
  useEffect(() => onChoosing(shown), [onChoosing, shown]);
  const take = (one: Completion): void => {
    // A value is done with; after a field comes its value.
    const gap = one.kind === "value" && value.slice(one.to, one.to + 1) !== " " ? " " : "";
    const next = `${value.slice(0, one.from)}${one.text}${gap}${value.slice(one.to)}`;
    caret.current = one.from + one.text.length + gap.length;
    setCursor(caret.current);
    setOpen(one.kind !== "value");
    onChange(next);
    input.current?.focus();
  };
  return (
    <div className="relative min-w-0 flex-1">
      <Autocomplete disableAutoFocusFirst inputValue={value} onInputChange={onChange}>
        <TextField
          aria-label="Query"
          isInvalid={problem !== null}
          className="relative"
          onKeyDown={(event) => {
            if (event.key === "Escape" && isOpen && shown) setOpen(false);
            else if (event.key === "Escape" && value !== "") onChange("");
            else if (event.key === "ArrowDown") {
              setCursor(input.current?.selectionStart ?? value.length);
              setOpen(true);
              event.continuePropagation();
            } else if (event.key === "Enter" && !(shown && hasChosen(input.current))) {
              setOpen(false);
              onSubmit();
            } else event.continuePropagation();
          }}
        >
          <Input
            ref={(element) => {
              input.current = element;
              if (typeof inputRef === "function") inputRef(element);
              else if (inputRef !== null && inputRef !== undefined) inputRef.current = element;
            }}
            type="text"
            role="combobox"
            autoComplete="off"
            spellCheck={false}
            maxLength={QUERY_MAX}
            placeholder="Search: words, or typ:hitl-decision severity>=warning"
            aria-expanded={shown}
            aria-describedby={problem === null ? undefined : problemId}
            onInput={(event) => {
              setCursor(event.currentTarget.selectionStart ?? event.currentTarget.value.length);
              setOpen(true);
            }}
            onFocus={(event) => {
              if (event.nativeEvent.isTrusted) onFocus();
            }}
            onBlur={(event) => {
              // While the list has the arrows the field is told that it has lost the focus.
              if (event.nativeEvent.isTrusted) setOpen(false);
            }}
            className={`${FIELD_CLASS} h-8 font-mono text-xs`}
          />
          <ProblemMark text={value} problem={problem} input={input} />
        </TextField>
        {/* biome-ignore lint/a11y/noStaticElementInteractions: letters typed in the field are given to its list as well, and are not for the pane */}
        <div onKeyDown={(event) => event.stopPropagation()}>
          {shown ? (
            <ListBox
              aria-label="What may come next"
              className="absolute inset-x-0 top-full z-30 mt-0.5 max-h-72 max-w-lg overflow-auto border border-strong bg-raised py-1 shadow-overlay outline-none"
            >
              {found.map((one) => (
                <ListBoxItem
                  key={`${one.kind} ${one.text}`}
                  id={`${one.kind} ${one.text}`}
                  textValue={one.text}
                  onAction={() => take(one)}
                  className="flex cursor-default items-baseline gap-3 px-2 py-1 outline-none data-focused:bg-accent-soft data-hovered:bg-sunken"
                >
                  <span className="min-w-0 truncate font-mono text-xs">
                    <bdi>{visibleText(one.text)}</bdi>
                  </span>
                  <span className="ml-auto text-xs text-muted">{one.says}</span>
                </ListBoxItem>
              ))}
            </ListBox>
          ) : null}
        </div>
      </Autocomplete>
    </div>
  );
}

/** Whether an entry of the list has the keyboard. */
const hasChosen = (input: HTMLInputElement | null): boolean =>
  (input?.getAttribute("aria-activedescendant") ?? "") !== "";
