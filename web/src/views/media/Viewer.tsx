/** What is drawn by code that is loaded only when there is something to draw; what cannot be drawn can be downloaded. */

import type { ComponentType, JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { messageOf } from "../../lib/message";
import type { ViewProps } from "./view";

const views = {
  figure: () => import("./Figure").then(({ Figure }) => Figure),
  model: () => import("./Model").then(({ Model }) => Model),
  points: () => import("./Points").then(({ Points }) => Points),
} satisfies Record<string, () => Promise<ComponentType<ViewProps>>>;

export type Kind = keyof typeof views;

export interface ViewerProps {
  kind: Kind;
  url: string;
  label: string;
  path: string;
}

export function Viewer({ kind, url, label, path }: ViewerProps): JSX.Element {
  const [View, setView] = useState<ComponentType<ViewProps> | null>(null);
  const [problem, setProblem] = useState({ url: "", message: "" });
  const fail = (told: unknown): void => setProblem({ url, message: messageOf(told) });
  useEffect(() => void views[kind]().then((found) => setView(() => found), fail), [kind]);
  if (problem.url === url) return <><p class="soft">{problem.message}</p><Download url={url} path={path} /></>;
  return View ? <View url={url} label={label} fail={fail} /> : <p class="soft">Loading</p>;
}

export function Download({ url, path }: { url: string; path: string }): JSX.Element {
  return <a class="link" href={url} download>{path.split("/").at(-1)}</a>;
}
