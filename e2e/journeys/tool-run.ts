/**
 * One agent that uses one tool after another, as an OTLP/JSON trace, written for these journeys: what it does is what its
 * tools are called, and how long each takes is how long it takes at the recorded speed.
 */
export function toolRun(name: string, agent: string, calls: readonly (readonly [tool: string, seconds: number])[]) {
  const beganS = 1_767_225_600;
  const text = (key: string, value: string) => ({ key, value: { stringValue: value } });
  let atS = beganS;
  const spans = calls.map(([tool, seconds], at) => {
    const startS = atS;
    atS += seconds;
    return {
      traceId: "0af7651916cd43dd8448eb211c80319c",
      spanId: (at + 1).toString(16).padStart(16, "0"),
      name: `execute_tool ${tool}`,
      startTimeUnixNano: `${startS}000000000`,
      endTimeUnixNano: `${atS}000000000`,
      attributes: [
        text("gen_ai.operation.name", "execute_tool"),
        text("gen_ai.tool.name", tool),
        text("gen_ai.agent.name", agent),
      ],
    };
  });
  const trace = {
    resourceSpans: [
      {
        resource: { attributes: [text("service.name", name)] },
        scopeSpans: [{ scope: { name: "journeys" }, spans }],
      },
    ],
  };
  return { name: `${name}.json`, mimeType: "application/json", buffer: Buffer.from(JSON.stringify(trace)) };
}
