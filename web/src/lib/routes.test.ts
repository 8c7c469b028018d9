import { expect, test } from "vitest";
import { artifactPath, parseRoute, projectPath, runPath } from "./routes";

test.each([
  ["/", { page: "home" }],
  ["/login", { page: "login" }],
  ["/settings", { page: "settings" }],
  ["/ada/mnist", { page: "project", entity: "ada", project: "mnist", tab: "charts" }],
  ["/ada/mnist/", { page: "project", entity: "ada", project: "mnist", tab: "charts" }],
  ["/ada/mnist/table", { page: "project", entity: "ada", project: "mnist", tab: "table" }],
  ["/ada/mnist/artifacts", { page: "artifacts", entity: "ada", project: "mnist", name: null, version: null }],
  ["/ada/mnist/artifacts/model/v3", { page: "artifacts", entity: "ada", project: "mnist", name: "model", version: "v3" }],
  ["/ada/mnist/charts", { page: "unknown", path: "/ada/mnist/charts" }],
  ["/ada/mnist/trash", { page: "trash", entity: "ada", project: "mnist" }],
  ["/ada/mnist/runs/x1", { page: "run", entity: "ada", project: "mnist", run: "x1", tab: "charts" }],
  ["/ada/mnist/runs/x1/console", { page: "run", entity: "ada", project: "mnist", run: "x1", tab: "console" }],
  ["/ada/mnist/runs/x1/nothing", { page: "unknown", path: "/ada/mnist/runs/x1/nothing" }],
  ["/ada", { page: "unknown", path: "/ada" }],
])("%s", (path, route) => {
  expect(parseRoute(path)).toEqual(route);
});

test("names with anything in them survive", () => {
  expect(parseRoute(projectPath("ä b", "c&d"))).toEqual({ page: "project", entity: "ä b", project: "c&d", tab: "charts" });
  expect(parseRoute(runPath("a", "b", "r-1", "overview"))).toMatchObject({ run: "r-1", tab: "overview" });
  expect(parseRoute(artifactPath("a", "b", "my model?", "a b"))).toMatchObject({ name: "my model?", version: "a b" });
  expect(parseRoute(artifactPath("a", "b"))).toMatchObject({ page: "artifacts", name: null });
  expect(parseRoute("/%zz/x")).toMatchObject({ entity: "%zz" });
});
