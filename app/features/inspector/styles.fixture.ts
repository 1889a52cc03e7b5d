import { addStylesOf } from "../../ui/styles.fixture.ts";

const SOURCES = import.meta.glob<string>("./*.tsx", { query: "?raw", import: "default", eager: true });

/** The console's real styles in a test, of the components that this pane draws. */
export const addStyles = (): Promise<HTMLStyleElement> => addStylesOf(SOURCES);
