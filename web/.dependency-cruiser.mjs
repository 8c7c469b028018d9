// The page's layers, bottom to top: lib <- api <- state <- charts <- views. An arrow points to who may import.
const layers = ["lib", "api", "state", "charts", "views"];

/** @type {import("dependency-cruiser").IConfiguration} */
export default {
  forbidden: [
    { name: "no-cycles", severity: "error", from: {}, to: { circular: true } },
    { name: "no-unresolved", severity: "error", from: {}, to: { couldNotResolve: true } },
    ...layers.slice(0, -1).map((layer, index) => ({
      name: `${layer}-imports-only-what-is-below`,
      severity: "error",
      from: { path: `^src/${layer}/` },
      to: { path: `^src/(${layers.slice(index + 1).join("|")})/` },
    })),
    {
      name: "lib-is-pure",
      comment: "lib/ knows neither Preact nor the chart library",
      severity: "error",
      from: { path: "^src/lib/" },
      to: { path: "node_modules/(preact|@preact|uplot)/" },
    },
    {
      name: "uplot-only-in-charts",
      severity: "error",
      from: { path: "^src/", pathNot: "^src/charts/" },
      to: { path: "node_modules/uplot/" },
    },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    parser: "swc",
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    enhancedResolveOptions: { exportsFields: ["exports"], conditionNames: ["import", "require", "node", "default", "types"] },
  },
};
