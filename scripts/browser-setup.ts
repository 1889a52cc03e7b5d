import "./owner-stacks.ts";
import { configure } from "@testing-library/react";

// The machine may be busy with other suites: nothing waits longer than it must, and nothing is given up early.
configure({ asyncUtilTimeout: 20_000 });
