/** Figures of plotly: what of their JSON is drawn. */

import { isObject, text } from "./media";

export interface PlotlyFigure {
  data: unknown[];
  layout: Record<string, unknown>;
  frames: unknown[];
}

const TALLEST = 2_000;
const DEFAULT_HEIGHT = 450;
const MAPS = new Set(["choropleth", "scattergeo", "choroplethmap", "densitymap", "scattermap", "choroplethmapbox", "densitymapbox", "scattermapbox"]);

/** As wide as there is room, without pictures from elsewhere; how plotly itself behaves (`config`) is the page's choice. Error for what cannot be drawn. */
export function toFigure(told: unknown): PlotlyFigure {
  const { data = [], layout = {}, frames = [] } = isObject(told) ? told : { data: null };
  if (!Array.isArray(data) || !data.every(isObject) || !isObject(layout) || !Array.isArray(frames)) throw new Error("This is no figure of plotly.");
  if (data.some(({ type }) => MAPS.has(String(type)))) throw new Error("Maps are not drawn here: they are fetched from elsewhere.");
  const { width: _, height, images, ...rest } = layout;
  const own = Array.isArray(images) ? images.filter((image) => isObject(image) && text(image, "source").startsWith("data:image/")) : [];
  const tall = typeof height === "number" && height > 0 ? Math.min(height, TALLEST) : DEFAULT_HEIGHT;
  return { data, layout: { ...rest, images: own, autosize: true, height: tall }, frames };
}
